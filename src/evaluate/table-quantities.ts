/** What the fields of a report are made of, and how: for budgets of fields. */
import type { Arch } from "../model/arch.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import { nsFromPs } from "../units/convert.ts";
import type { TableSums } from "./table.ts";
import type { CostTable } from "./table-model.ts";
import { pointOf } from "./table-point.ts";

/** Figures of a placement that add up, or nearly so, over its matrices. Energies are whole phases. */
export const QUANTITIES = [
  "prefill_energy_pJ",
  "prefill_duration_ns",
  "decode_energy_pJ",
  "decode_duration_ns",
  "tiles_busy_ns",
  "tiles_used",
  "crossbars_used",
  "digital_weights",
  "digital_expert_weights",
] as const;
export type QuantityName = (typeof QUANTITIES)[number];
export type Quantities = Readonly<Record<QuantityName, number>>;

/** Matrices that the share of digital parameters counts. */
export const isCounted = ({ module }: WeightMatrix): boolean =>
  module !== "embedding" && module !== "router";

/** By the table. */
export function quantitiesAt(table: CostTable, sums: TableSums): Quantities {
  const { crossbars_used, phases } = pointOf(table, sums);
  const of = (name: string) => phases.find(({ phase }) => phase === name);
  const { columns, chip, matrices } = table;
  const tiles = columns.components.length + columns.pools.length - 2;
  const busy_ps = chip.tiles === 0 ? 0 : sums.sums.reduce((sum, own) => sum + own[tiles]!, 0);
  return {
    prefill_energy_pJ: of("prefill")?.energy_pJ ?? 0,
    prefill_duration_ns: of("prefill")?.duration_lower_ns ?? 0,
    decode_energy_pJ: of("decode")?.energy_pJ ?? 0,
    decode_duration_ns: of("decode")?.duration_lower_ns ?? 0,
    tiles_busy_ns: nsFromPs(busy_ps),
    tiles_used: Math.min(chip.tiles, crossbars_used),
    crossbars_used,
    ...weightsDigital(matrices, (id) => sums.isAnalog[id] === 0),
  };
}

/** By an evaluation at any level, of a placement that fits. */
export function quantitiesOf(
  { prefill, decode, analog_busy_frac, tiles_used, crossbars_used, ...shares }: CostEvaluation,
  { weights, expertWeights }: DesignFigures,
): Quantities {
  const duration_ns = (prefill?.duration_ns ?? 0) + (decode?.duration_ns ?? 0);
  return {
    prefill_energy_pJ: prefill?.energy_pJ ?? 0,
    prefill_duration_ns: prefill?.duration_ns ?? 0,
    decode_energy_pJ: decode?.energy_pJ ?? 0,
    decode_duration_ns: decode?.duration_ns ?? 0,
    tiles_busy_ns: (analog_busy_frac ?? 0) * duration_ns * tiles_used,
    tiles_used,
    crossbars_used,
    digital_weights: shares.digital_parameters_frac * weights,
    digital_expert_weights: shares.digital_experts_frac * expertWeights,
  };
}

function weightsDigital(matrices: readonly WeightMatrix[], isDigital: (id: number) => boolean) {
  let [digital_weights, digital_expert_weights] = [0, 0];
  for (const matrix of matrices) {
    if (!isCounted(matrix) || !isDigital(matrix.id)) continue;
    const weights = matrix.inputs * matrix.outputs;
    digital_weights += weights;
    if (matrix.module === "expert") digital_expert_weights += weights;
  }
  return { digital_weights, digital_expert_weights };
}

/** What all placements of a chip and run have in common. */
export interface DesignFigures {
  readonly decode_tokens: number;
  readonly decode_steps: number;
  readonly area_mm2: number;
  /** Without its tiles. */
  readonly tileless_mm2: number;
  readonly tile_mm2: number;
  readonly tiles: number;
  readonly crossbars: number;
  /** Weights that a crossbar holds. */
  readonly crossbar_weights: number;
  readonly weights: number;
  readonly expertWeights: number;
}

export function designFigures(
  { chip, phases, matrices }: CostTable,
  { tiles: [tile] }: Pick<Arch, "tiles">,
  decode_steps: number,
): DesignFigures {
  const all = weightsDigital(matrices, () => true);
  const { rows = 0, cols = 0, slices = 1 } = tile?.crossbar ?? {};
  return {
    decode_tokens: phases.find(({ phase }) => phase === "decode")?.tokens ?? 0,
    decode_steps,
    area_mm2: chip.area_mm2,
    tileless_mm2: chip.area_mm2 - chip.otherTiles_mm2 - chip.tiles * chip.tile_mm2,
    tile_mm2: chip.tile_mm2,
    tiles: chip.tiles,
    crossbars: chip.crossbars,
    crossbar_weights: (rows * cols) / slices,
    weights: all.digital_weights,
    expertWeights: all.digital_expert_weights,
  };
}

/** The cost fields of a report's row; null where there is nothing to divide by. */
export function fieldsOf(
  figures: DesignFigures,
  q: Quantities,
): Readonly<Record<DesignField, number | null>> {
  const over = (a: number, b: number): number | null => (b === 0 ? null : a / b);
  const duration_ns = q.prefill_duration_ns + q.decode_duration_ns;
  const analogWeights = figures.weights - q.digital_weights;
  return {
    digital_parameters_frac: q.digital_weights / figures.weights,
    digital_experts_frac: over(q.digital_expert_weights, figures.expertWeights) ?? 0,
    prefill_latency_ns: q.prefill_duration_ns,
    decode_latency_ns: over(q.decode_duration_ns, figures.decode_steps),
    throughput_tokens_per_s: over(figures.decode_tokens * 1e9, q.decode_duration_ns),
    energy_pJ_per_token: over(q.decode_energy_pJ, figures.decode_tokens),
    power_mW: over(q.decode_energy_pJ, q.decode_duration_ns),
    tokens_per_J: over(figures.decode_tokens * 1e12, q.decode_energy_pJ),
    prefill_energy_pJ: q.prefill_energy_pJ,
    area_mm2: figures.area_mm2,
    area_occupied_mm2: figures.tileless_mm2 + q.tiles_used * figures.tile_mm2,
    tiles_used: q.tiles_used,
    tiles_available: figures.tiles,
    crossbars_used: q.crossbars_used,
    crossbars_available: figures.crossbars,
    cell_utilisation_frac: over(analogWeights, q.crossbars_used * figures.crossbar_weights) ?? 0,
    analog_busy_frac: over(q.tiles_busy_ns, duration_ns * q.tiles_used),
  };
}

/** Names of these fields. */
export const DESIGN_FIELDS = [
  "digital_parameters_frac",
  "digital_experts_frac",
  "prefill_latency_ns",
  "decode_latency_ns",
  "throughput_tokens_per_s",
  "energy_pJ_per_token",
  "power_mW",
  "tokens_per_J",
  "prefill_energy_pJ",
  "area_mm2",
  "area_occupied_mm2",
  "tiles_used",
  "tiles_available",
  "crossbars_used",
  "crossbars_available",
  "cell_utilisation_frac",
  "analog_busy_frac",
] as const;
type DesignField = (typeof DESIGN_FIELDS)[number];
