import type { AssignmentProblem, AssignmentStrategy, BlockOwner } from "../assignment.ts";
import { smallestTiles } from "./smallest-tiles.ts";

/**
 * How much a clash within one token counts against one with any other token: blocks of one token
 * are wanted at the same time for certain, blocks of different tokens only by chance. Of 1, 2, 4
 * and 8 it did best on OLMoE-1B-7B and `hetero-pcm` under three routings, but by no more than 2 %:
 * the choice hardly matters.
 */
const SAME_TOKEN_WEIGHT = 4;

/** Inputs come from the hub, and results go back. */
const WAYS = 2;

/**
 * Spreads what is busy and what fires together.
 *
 * Owners take their tiles one after the other, the busiest first. For each of its blocks an owner
 * looks at what it would meet on a tile: the expected work of a token there, and what the same
 * token brings there if it uses this owner (co-activation), each on the tile's crossbars and on its
 * local unit, weighted with the time that the block itself needs there; and the way to the hub.
 * Greedy descent of the expected time that pairs of blocks on one tile spend waiting for each
 * other; blocks of an owner go to different tiles as long as there are any.
 */
export const coActivation: AssignmentStrategy = {
  summary: "busy experts first, away from what is busy or fires together with them, near the hub",
  assign: (problem) => {
    const { owners, read_ps, tiles, tiers } = problem;
    const state: State = {
      tile: new Int32Array(read_ps.length),
      free: new Int32Array(tiles).fill(tiers),
      read_ps: new Float64Array(tiles),
      unit_ps: new Float64Array(tiles),
      placed: new Map(),
    };
    const work = owners.map((owner) => workOf(problem, owner));
    const order = owners.map((_, o) => o).sort((a, b) => work[b]! - work[a]! || a - b);
    for (const o of order) placeOwner(problem, state, owners[o]!);
    return state.tile;
  },
};

interface State {
  readonly tile: Int32Array;
  /** Crossbars left. [tiles], like those below. */
  readonly free: Int32Array;
  /** Expected work of a token. */
  readonly read_ps: Float64Array;
  readonly unit_ps: Float64Array;
  /** Owners that have their tiles, by layer. */
  readonly placed: Map<number, BlockOwner[]>;
}

/** Expected time per token that the busiest block of an owner keeps its tile. */
function workOf({ read_ps, unit_ps }: AssignmentProblem, owner: BlockOwner): number {
  let most = 0;
  for (let i = owner.firstItem; i < owner.endItem; i++)
    most = Math.max(most, read_ps[i]!, unit_ps[i]!);
  return most * owner.uses;
}

function placeOwner(problem: AssignmentProblem, state: State, owner: BlockOwner): void {
  const { read_ps, unit_ps, tiles } = problem;
  const met = meet(problem, state, owner);
  const hops = problem.hopsFrom(owner.layer);
  const own = state.free.slice();
  const score = new Float64Array(tiles);
  for (const items of alike(problem, owner)) {
    const [read, unit, hop] = [
      read_ps[items[0]!]!,
      unit_ps[items[0]!]!,
      problem.hop_ps[items[0]!]!,
    ];
    const whole = read + unit;
    for (let t = 0; t < tiles; t++)
      score[t] =
        (read / whole) * met.read_ps[t]! + (unit / whole) * met.unit_ps[t]! + WAYS * hop * hops[t]!;
    for (let next = 0; next < items.length; ) {
      // Tiles without a block of this owner come first.
      const some = own.some((n) => n > 0) ? own : state.free;
      for (const t of smallestTiles(score, some, items.length - next)) {
        const item = items[next++]!;
        state.tile[item] = t;
        state.free[t]!--;
        own[t] = 0;
        state.read_ps[t]! += owner.uses * read;
        state.unit_ps[t]! += owner.uses * unit;
      }
    }
  }
  const layer = state.placed.get(owner.layer) ?? [];
  state.placed.set(owner.layer, layer);
  layer.push(owner);
}

/** Expected work that a block of the owner meets on each tile, own blocks left out. [tiles] */
function meet(
  problem: AssignmentProblem,
  { tile, read_ps, unit_ps, placed }: State,
  owner: BlockOwner,
): { readonly read_ps: Float64Array; readonly unit_ps: Float64Array } {
  const met = { read_ps: read_ps.slice(), unit_ps: unit_ps.slice() };
  const together = owner.expert < 0 ? null : problem.together(owner.layer);
  if (together === null || owner.uses === 0) return met;
  for (const other of placed.get(owner.layer) ?? []) {
    if (other.expert < 0) continue;
    const share = together[owner.expert * problem.experts + other.expert]!;
    const copies = together[other.expert * problem.experts + other.expert]! / other.uses || 1;
    const weight =
      (SAME_TOKEN_WEIGHT * share) /
      together[owner.expert * problem.experts + owner.expert]! /
      copies;
    if (!(weight > 0)) continue;
    for (let i = other.firstItem; i < other.endItem; i++) {
      met.read_ps[tile[i]!]! += weight * problem.read_ps[i]!;
      met.unit_ps[tile[i]!]! += weight * problem.unit_ps[i]!;
    }
  }
  return met;
}

/** Items of an owner by what they need, those that need the most first. */
function alike({ read_ps, unit_ps, hop_ps }: AssignmentProblem, owner: BlockOwner): number[][] {
  const kinds = new Map<string, number[]>();
  for (let i = owner.firstItem; i < owner.endItem; i++) {
    const key = `${read_ps[i]} ${unit_ps[i]} ${hop_ps[i]}`;
    const items = kinds.get(key) ?? [];
    kinds.set(key, items);
    items.push(i);
  }
  const need = ([item]: number[]): number => read_ps[item!]! + unit_ps[item!]!;
  return [...kinds.values()].sort((a, b) => need(b) - need(a));
}
