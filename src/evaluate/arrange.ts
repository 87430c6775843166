/** Where blocks sit when routing is known: copies of hot experts, then a tile for every block. */
import { createPriceList, type PriceList } from "../cost/price.ts";
import { createTopology } from "../interconnect/index.ts";
import { cutOff } from "../interconnect/table-routing.ts";
import { canFuse } from "../lowering/analog.ts";
import type { ChooseExperts } from "../lowering/routing.ts";
import { assignTiles, type MatrixUse, type TileRange, withCopies } from "../mapping/arrange.ts";
import { countExpertUse, type ExpertUse } from "../mapping/expert-use.ts";
import type { Fits } from "../mapping/map.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { hubNode, tileNodes } from "../mapping/position.ts";
import { type CopyCount, chooseCopies } from "../mapping/replicate.ts";
import { type AnalogExpert, analogExperts } from "../mapping/slots.ts";
import type { Arch } from "../model/arch.ts";
import { deadLinks } from "../model/interconnect.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { createExpertChoice } from "./machine.ts";

/** Tokens that the profile looks at; their numbers lie beyond those of any run. */
const PROFILE_TOKENS = 2048;
const FIRST_PROFILE_TOKEN = 2 ** 31;

/**
 * Adds the copies that the placement or the budget asks for, and assigns tiles.
 *
 * What experts do is taken from a profile: 2,048 tokens of the run's routing that the run does not
 * have, or of another one (`profile`); a trace is looked at as it is.
 */
export function arrange(
  arch: Arch,
  workload: Workload,
  matrices: readonly WeightMatrix[],
  mapped: Fits,
  options: CostOptions,
): Fits {
  const { placement, mapping } = mapped;
  const assignment = placement.assignment ?? options.assignment ?? "in-order";
  const wantsCopies = (options.replica_tiles ?? 0) > 0 || (placement.replicas ?? []).length > 0;
  if (assignment === "in-order" && !wantsCopies) return mapped;
  if (mapping.slots !== null) {
    const note = "experts take turns on crossbars: tiles are assigned in order, without copies";
    return { ...mapped, notes: [...mapped.notes, note] };
  }
  const { seed, routing, profile = routing } = options;
  const use = profileOf(workload, createExpertChoice(workload, { seed, routing: profile }));
  const list = createPriceList(arch);
  const kinds = tileRanges(arch);
  const { counts, notes } = wantsCopies
    ? copyCounts(matrices, mapped, kinds, use, options)
    : { counts: [], notes: [] };
  const experts = analogExperts(matrices, placement);
  const grown = withCopies(mapping, experts, counts);
  const uses = matrices.map((matrix) =>
    mapping.tileKind[matrix.id]! < 0 ? null : matrixUse(matrix, mapping, list, use, options),
  );
  const nodes = tileNodes(
    arch.interconnect,
    arch.tiles.reduce((sum, { count }) => sum + count, 0),
  );
  return {
    ...mapped,
    mapping: assignTiles(grown, assignment, kinds, uses, {
      seed: options.seed,
      experts: workload.moe.experts,
      together: (layer) => use.together[layer] ?? null,
      hopsFrom: createHops(arch, nodes),
    }),
    notes: [...mapped.notes, ...notes],
  };
}

/** Choices of the profile's tokens, counted. */
function profileOf({ layers, dense_layers, moe }: Workload, choose: ChooseExperts): ExpertUse {
  const k = moe.active_experts;
  const chosen = new Int32Array(k);
  const choices = Array.from({ length: layers }, (_, layer) => {
    const own = new Int32Array(dense_layers.includes(layer) ? 0 : PROFILE_TOKENS * k);
    for (let t = 0; t * k < own.length; t++) {
      choose(layer, FIRST_PROFILE_TOKEN + t, chosen, 0, t);
      own.set(chosen, t * k);
    }
    return own;
  });
  return countExpertUse(choices, moe.experts, k);
}

function tileRanges(arch: Arch): TileRange[] {
  let firstTile = 0;
  return arch.tiles.map(({ count, crossbar }, kind) => {
    const range = { kind, firstTile, tiles: count, tiers: crossbar.tiers };
    firstTile += count;
    return range;
  });
}

/** Copies by budget, then those that the placement asks for, as far as crossbars are free. */
function copyCounts(
  matrices: readonly WeightMatrix[],
  { mapping, placement }: Fits,
  kinds: readonly TileRange[],
  use: ExpertUse,
  { replica_tiles = 0 }: CostOptions,
): { readonly counts: readonly CopyCount[]; readonly notes: readonly string[] } {
  const experts = analogExperts(matrices, placement).filter((expert) => canCopy(mapping, expert));
  const free = kinds.map(({ kind, tiles, tiers }) => tiles * tiers - blocksOn(mapping, kind));
  const asked = (placement.replicas ?? []).filter(({ copies }) => copies > 0);
  if (asked.length > 0) return askedCopies(mapping, experts, asked, free);
  const counts = kinds.flatMap(({ kind, tiers }) => {
    const own = experts
      .filter(({ ids }) => mapping.tileKind[ids[0]!] === kind)
      .map(({ layer, expert, ids }) => ({ layer, expert, crossbars: crossbarsOf(mapping, ids) }));
    return chooseCopies(own, use, Math.min(free[kind]!, replica_tiles * tiers));
  });
  const copies = counts.reduce((sum, each) => sum + each.copies, 0);
  const note = `${copies} copies of ${counts.length} hot experts, on the crossbars of at most ${replica_tiles} tiles of a kind`;
  return { counts, notes: [note] };
}

/** Only whole analog experts, whose three matrices run one after the other on one kind of tile. */
function canCopy(mapping: Mapping, { ids }: AnalogExpert): boolean {
  const [gate, up, down] = ids;
  return (
    down !== undefined &&
    canFuse(mapping, gate!, up!, down) &&
    mapping.tileKind[gate!] === mapping.tileKind[down]
  );
}

function askedCopies(
  mapping: Mapping,
  experts: readonly AnalogExpert[],
  asked: readonly CopyCount[],
  free: number[],
): { readonly counts: readonly CopyCount[]; readonly notes: readonly string[] } {
  let missing = 0;
  const counts = asked.flatMap(({ layer, expert, copies }) => {
    const found = experts.find((each) => each.layer === layer && each.expert === expert);
    const kind = found === undefined ? -1 : mapping.tileKind[found.ids[0]!]!;
    const each = found === undefined ? 1 : crossbarsOf(mapping, found.ids);
    const fitting = found === undefined ? 0 : Math.min(copies, Math.floor(free[kind]! / each));
    missing += copies - fitting;
    if (fitting === 0) return [];
    free[kind]! -= fitting * each;
    return [{ layer, expert, copies: fitting }];
  });
  const notes =
    missing === 0
      ? []
      : [`${missing} copies of experts left out: not wholly analog, or no crossbar free`];
  return { counts, notes };
}

const crossbarsOf = ({ blockBegin }: Mapping, ids: readonly number[]): number =>
  blockBegin[ids[ids.length - 1]! + 1]! - blockBegin[ids[0]!]!;

function blocksOn({ tileKind, blockBegin }: Mapping, kind: number): number {
  return tileKind.reduce(
    (sum, own, m) => sum + (own === kind ? blockBegin[m + 1]! - blockBegin[m]! : 0),
    0,
  );
}

/** What one use of a matrix asks of the tiles of its blocks. */
function matrixUse(
  { id, layer, expert, module, part }: WeightMatrix,
  mapping: Mapping,
  list: PriceList,
  use: ExpertUse,
  { prefill_tokens }: CostOptions,
): MatrixUse {
  const { rowBegin, rowEnd, colBegin, colEnd } = mapping.cuts[id]!;
  const tileKind = mapping.tileKind[id]!;
  const read_ps = new Float64Array(rowBegin.length);
  const unit_ps = new Float64Array(rowBegin.length);
  const rowBlocks = rowBegin.filter((_, b) => colBegin[b] === 0).length;
  const unit = (fn: "multiply-add" | "swiglu", elements: number): number =>
    list.price({ kind: "tile-vector", tileKind, fn, elements }).duration_ps;
  const isGated =
    part === "gate" && (module === "expert" || module === "shared" || module === "dense");
  for (let b = 0; b < rowBegin.length; b++) {
    const cols = colEnd[b]! - colBegin[b]!;
    const rows = rowEnd[b]! - rowBegin[b]!;
    read_ps[b] = list.price({ kind: "mvm", tileKind, rows, cols }).duration_ps;
    if (rowBegin[b] !== 0) continue;
    unit_ps[b] = unit("multiply-add", cols * rowBlocks) + (isGated ? unit("swiglu", cols) : 0);
  }
  const uses =
    expert >= 0
      ? use.frequency[layer]![expert]!
      : module === "lm-head"
        ? 1 / Math.max(1, prefill_tokens)
        : 1;
  const hop_ps = new Float64Array(rowBegin.length).fill(list.hop_ps);
  return { layer, expert, uses, read_ps, unit_ps, hop_ps };
}

/** Tiles that no way leads to are taken last. */
const FAR_HOPS = 1e6;

function createHops(arch: Arch, nodes: Int32Array) {
  const topology = createTopology(arch.interconnect);
  const known = new Map<string, Int32Array>();
  return ({ firstTile, tiles }: TileRange, layer: number): Int32Array => {
    const hub = hubNode(arch.interconnect, layer);
    const key = `${firstTile} ${hub}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const own = nodes.subarray(firstTile, firstTile + tiles);
    const isWhole = deadLinks(arch.interconnect).length === 0;
    const cut = new Set(isWhole ? [] : cutOff(topology, hub, [...new Set(own)]));
    const hops = own.map((node) => (cut.has(node) ? FAR_HOPS : topology.route(hub, node).length));
    known.set(key, hops);
    return hops;
  };
}
