import type { AnalogTile } from "../model/arch.ts";
import { matrixLabel, type WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { Overflow } from "../model/run.ts";
import { type CrossbarPool, createCrossbarPool } from "./allocate.ts";
import type { Mapping } from "./mapping.ts";
import { analogExperts, mapWithSlots } from "./slots.ts";
import { blockCount, weightsPerCrossbar } from "./split.ts";
import { writeMapping } from "./write.ts";

export type MapResult = Fits | DoesNotFit;

export interface Fits {
  readonly feasible: true;
  readonly mapping: Mapping;
  /** What is computed where in the end; differs from what was asked after overflow "digital". */
  readonly placement: Placement;
  /** Changes that a user should know of. */
  readonly notes: readonly string[];
}

export interface DoesNotFit {
  readonly feasible: false;
  /** Crossbars that the analog matrices take, and crossbars of the chip. */
  readonly needed: number;
  readonly available: number;
  readonly reason: string;
}

/** The part of the arch that mapping looks at. */
export interface TileKinds {
  readonly tiles: readonly Pick<AnalogTile, "crossbar" | "count">[];
}

/**
 * Puts every analog matrix onto crossbars.
 *
 * A matrix goes, whole, to the first kind of tile with room for it. What does not fit is a result,
 * not an error; `overflow` says whether the last experts then become digital or experts take
 * turns on crossbars.
 *
 * @param matrices all of the workload, as `weightMatrices` lists them
 */
export function mapPlacement(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  overflow: Overflow,
): MapResult {
  if (placement.targets.length !== matrices.length)
    throw new Error(`${placement.targets.length} targets for ${matrices.length} matrices`);
  const kindOf = planKinds(arch, matrices, placement);
  if (kindOf !== null) return fits(arch, matrices, placement, kindOf, []);
  if (overflow === "digital") return mapFirstExperts(arch, matrices, placement);
  if (overflow === "reprogram") return mapTakingTurns(arch, matrices, placement);
  return doesNotFit(arch, matrices, placement);
}

/** One pool of crossbars for each kind of tile, all free. */
function createPools(arch: TileKinds): readonly CrossbarPool[] {
  let firstTile = 0;
  return arch.tiles.map(({ crossbar, count }, tileKind) => {
    const pool = createCrossbarPool({
      tileKind,
      ...weightsPerCrossbar(crossbar),
      firstTile,
      tiles: count,
      tiers: crossbar.tiers,
    });
    firstTile += count;
    return pool;
  });
}

/** Crossbars that a matrix takes on a kind of tile. */
function crossbarsOf(matrix: WeightMatrix, kind: { rows: number; cols: number }): number {
  return blockCount({ rows: matrix.inputs, cols: matrix.outputs }, kind);
}

/** First-fit choice of a kind for each analog matrix, -1 for digital ones; null: no room. */
function planKinds(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
): Int32Array | null {
  const pools = createPools(arch);
  const free = pools.map((pool) => pool.capacity);
  const kindOf = new Int32Array(matrices.length).fill(-1);
  for (const matrix of matrices) {
    if (placement.targets[matrix.id] === "digital") continue;
    const kind = pools.findIndex((pool, k) => crossbarsOf(matrix, pool) <= free[k]!);
    if (kind < 0) return null;
    free[kind]! -= crossbarsOf(matrix, pools[kind]!);
    kindOf[matrix.id] = kind;
  }
  return kindOf;
}

function fits(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  kindOf: Int32Array,
  notes: readonly string[],
): Fits {
  const mapping = writeMapping(createPools(arch), matrices, kindOf);
  return { feasible: true, mapping, placement, notes };
}

function doesNotFit(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
): DoesNotFit {
  const pools = createPools(arch);
  const available = pools.reduce((sum, pool) => sum + pool.capacity, 0);
  const needed = matrices
    .filter((matrix) => placement.targets[matrix.id] === "analog")
    .reduce((sum, matrix) => sum + fewestCrossbars(matrix, pools), 0);
  if (pools.length === 0) {
    const reason = `${needed} matrices are to be analog, but the chip has no analog tile`;
    return { feasible: false, needed, available, reason };
  }
  const reason =
    needed > available
      ? `analog matrices need ${needed} crossbars, the chip has ${available}`
      : `analog matrices need ${needed} of ${available} crossbars, but no kind of tile has enough left for a whole matrix`;
  return { feasible: false, needed, available, reason };
}

/** On the kind of tile where it takes least; at least one, also on a chip without tiles. */
function fewestCrossbars(matrix: WeightMatrix, pools: readonly CrossbarPool[]): number {
  if (pools.length === 0) return 1;
  return Math.min(...pools.map((pool) => crossbarsOf(matrix, pool)));
}

/** Overflow "digital": as many experts as fit, in the order of layers; the rest become digital. */
function mapFirstExperts(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
): MapResult {
  const experts = analogExperts(matrices, placement);
  const keeping = (kept: number): Placement => {
    const targets = [...placement.targets];
    for (const expert of experts.slice(kept)) for (const id of expert.ids) targets[id] = "digital";
    return { name: placement.name, targets };
  };
  if (planKinds(arch, matrices, keeping(0)) === null) return doesNotFit(arch, matrices, placement);
  let kept = 0;
  let tooMany = experts.length + 1;
  while (tooMany - kept > 1) {
    const middle = (kept + tooMany) >> 1;
    if (planKinds(arch, matrices, keeping(middle)) === null) tooMany = middle;
    else kept = middle;
  }
  const changed = keeping(kept);
  const first = matrices[experts[kept]!.ids[0]!]!;
  const note = `${experts.length - kept} of ${experts.length} analog experts found no crossbar and are computed digitally, from ${matrixLabel(first)} on`;
  return fits(arch, matrices, changed, planKinds(arch, matrices, changed)!, [note]);
}

/** Overflow "reprogram": all else stays put, routed experts share what is left. */
function mapTakingTurns(
  arch: TileKinds,
  matrices: readonly WeightMatrix[],
  placement: Placement,
): MapResult {
  const experts = analogExperts(matrices, placement);
  const inExperts = new Set(experts.flatMap((expert) => expert.ids));
  const fixed: Placement = {
    name: placement.name,
    targets: placement.targets.map((target, id) => (inExperts.has(id) ? "digital" : target)),
  };
  const kindOf = planKinds(arch, matrices, fixed);
  if (kindOf === null) return doesNotFit(arch, matrices, placement);
  const mapping = mapWithSlots(createPools(arch), matrices, kindOf, experts);
  if (mapping === null) return doesNotFit(arch, matrices, placement);
  const note = `${experts.length} analog experts take turns in ${mapping.slots!.slotCount} places; each activation of an absent one is charged for programming`;
  return { feasible: true, mapping, placement, notes: [note] };
}
