import { nsFromPs } from "../units/convert.ts";
import type { TableSums } from "./table.ts";
import type { ChipFigures, CostTable, PhaseTable } from "./table-model.ts";

/** What a table says of a placement. */
export interface TablePoint {
  /** Is there a crossbar for every analog block, and room for digital weights and KV cache? */
  readonly fits: boolean;
  readonly crossbars_used: number;
  readonly area_mm2: number;
  /** Without the tiles that hold no weights; blocks spread over all tiles of a kind. */
  readonly area_occupied_mm2: number;
  readonly phases: readonly TablePhasePoint[];
}

export interface TablePhasePoint {
  readonly phase: PhaseTable["phase"];
  readonly tokens: number;
  readonly ops: number;
  readonly dynamic_pJ: number;
  /** Dynamic energy, and static power over the least time. */
  readonly energy_pJ: number;
  /** Whole phase: the busiest pool, or what a token of each step has to go through. */
  readonly duration_lower_ns: number;
}

/** Reads the sums of a placement. */
export function pointOf(table: CostTable, state: TableSums): TablePoint {
  const { chip } = table;
  const crossbars_used = state.crossbars[0]!;
  const idleTiles = chip.tiles - Math.min(chip.tiles, crossbars_used);
  return {
    fits: crossbars_used <= chip.crossbars && hasRoom(chip, state.weights_B[0]!),
    crossbars_used,
    area_mm2: chip.area_mm2,
    area_occupied_mm2: chip.area_mm2 - chip.otherTiles_mm2 - idleTiles * chip.tile_mm2,
    phases: table.phases.map((phase, p) =>
      phasePoint(table, phase, state.sums[p]!, state.chains_ps[p]!),
    ),
  };
}

function phasePoint(
  { columns: { components, pools }, chip }: CostTable,
  { phase, tokens, base }: PhaseTable,
  sum: Float64Array,
  chains_ps: Float64Array,
): TablePhasePoint {
  let dynamic_pJ = 0;
  for (let c = 0; c < components.length; c++) dynamic_pJ += sum[c]!;
  let lower_ps = base[base.length - 1]!;
  for (let layer = 0; layer < chains_ps.length; layer++) lower_ps += chains_ps[layer]!;
  for (let p = 0; p < pools.length; p++)
    lower_ps = Math.max(lower_ps, sum[components.length + p]! / pools[p]!.servers);
  const duration_lower_ns = nsFromPs(lower_ps);
  const energy_pJ = dynamic_pJ + chip.static_mW * duration_lower_ns;
  const ops = sum[sum.length - 2]!;
  return { phase, tokens, ops, dynamic_pJ, energy_pJ, duration_lower_ns };
}

/** Is there room for the digital weights, and for the KV cache, perhaps beside them? */
function hasRoom(chip: ChipFigures, weights_B: number): boolean {
  if (weights_B > chip.weightMemory_B) return false;
  return chip.kvMemories.some(
    ({ capacity_B, holdsWeights }) => chip.kvCache_B + (holdsWeights ? weights_B : 0) <= capacity_B,
  );
}
