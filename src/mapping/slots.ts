import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { CrossbarPool } from "./allocate.ts";
import type { ExpertSlots, Mapping } from "./mapping.ts";
import { blockCount } from "./split.ts";
import { writeMapping } from "./write.ts";

/** The analog matrices of one routed expert. */
export interface AnalogExpert {
  readonly layer: number;
  readonly expert: number;
  readonly ids: readonly number[];
}

/** Routed experts with an analog matrix, in the order of layers and experts. */
export function analogExperts(
  matrices: readonly WeightMatrix[],
  placement: Placement,
): readonly AnalogExpert[] {
  const experts: { layer: number; expert: number; ids: number[] }[] = [];
  for (const { id, module, layer, expert } of matrices) {
    if (module !== "expert" || placement.targets[id] === "digital") continue;
    const last = experts[experts.length - 1];
    if (last?.layer === layer && last.expert === expert) last.ids.push(id);
    else experts.push({ layer, expert, ids: [id] });
  }
  return experts;
}

/**
 * Maps what stays put, and cuts the crossbars that are left into places for one expert each.
 *
 * All places are of one kind of tile, the one with most of them, since an expert's blocks are cut
 * to that kind. The first experts are resident when the run starts.
 *
 * @param kindOf kind of tile of each matrix that stays put. [matrices]
 * @returns null if there is no room for a single expert
 */
export function mapWithSlots(
  pools: readonly CrossbarPool[],
  matrices: readonly WeightMatrix[],
  kindOf: Int32Array,
  experts: readonly AnalogExpert[],
): Mapping | null {
  const perSlot = pools.map((pool) => largestExpert(matrices, experts, pool));
  const free = pools.map((pool) => pool.capacity);
  for (const { id, inputs, outputs } of matrices) {
    const kind = kindOf[id]!;
    if (kind >= 0) free[kind]! -= blockCount({ rows: inputs, cols: outputs }, pools[kind]!);
  }
  const slotsOf = pools.map((_, kind) => Math.floor(free[kind]! / perSlot[kind]!));
  const slotKind = slotsOf.indexOf(Math.max(...slotsOf));
  if (slotKind < 0 || slotsOf[slotKind]! < 1) return null;
  const kinds = kindOf.slice();
  const absent = new Set(experts.flatMap((expert) => expert.ids));
  for (const id of absent) kinds[id] = slotKind;
  const mapping = writeMapping(pools, matrices, kinds, absent);
  const slotCount = Math.min(slotsOf[slotKind]!, experts.length);
  const slots = takeSlots(pools[slotKind]!, slotCount, perSlot[slotKind]!, mapping, experts);
  return withResidents({ ...mapping, slots });
}

function largestExpert(
  matrices: readonly WeightMatrix[],
  experts: readonly AnalogExpert[],
  pool: CrossbarPool,
): number {
  const sizes = experts.map((expert) =>
    expert.ids
      .map((id) => matrices[id]!)
      .reduce((sum, m) => sum + blockCount({ rows: m.inputs, cols: m.outputs }, pool), 0),
  );
  return sizes.reduce((most, size) => Math.max(most, size), 1);
}

function takeSlots(
  pool: CrossbarPool,
  slotCount: number,
  crossbarsPerSlot: number,
  mapping: Mapping,
  experts: readonly AnalogExpert[],
): ExpertSlots {
  const tile = new Int32Array(slotCount * crossbarsPerSlot);
  const tier = new Int32Array(slotCount * crossbarsPerSlot);
  pool.take({ tile, tier }, 0, tile.length);
  const sharing = experts.map(({ layer, expert, ids }) => ({
    layer,
    expert,
    blockBegin: mapping.blockBegin[ids[0]!]!,
    blockEnd: mapping.blockBegin[ids[ids.length - 1]! + 1]!,
  }));
  return { slotCount, crossbarsPerSlot, tile, tier, experts: sharing };
}

/** Expert i is in place i when the run starts, as far as there are places. */
function withResidents(mapping: Mapping & { readonly slots: ExpertSlots }): Mapping {
  const { slotCount, crossbarsPerSlot, tile, tier, experts } = mapping.slots;
  experts.slice(0, slotCount).forEach(({ blockBegin, blockEnd }, slot) => {
    const first = slot * crossbarsPerSlot;
    const end = first + blockEnd - blockBegin;
    mapping.tile.set(tile.subarray(first, end), blockBegin);
    mapping.tier.set(tier.subarray(first, end), blockBegin);
  });
  return mapping;
}
