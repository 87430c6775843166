import type { Arch } from "../model/arch.ts";
import type { CostEvaluation, PhaseCost } from "../model/evaluation.ts";
import { deadLinks } from "../model/interconnect.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { nsFromPs } from "../units/convert.ts";
import { evaluateCost } from "./cost.ts";
import { runNotes } from "./notes.ts";
import { digitalShares } from "./shares.ts";
import { evaluateTable, type TableSums } from "./table.ts";
import { type CostTable, createTableModel, type TableModel } from "./table-model.ts";
import { pointOf, type TablePhasePoint, type TablePoint } from "./table-point.ts";

export type EvaluatePlacement = (arch: Arch, placement: Placement) => CostEvaluation;

/**
 * Level `table` for explorations: many chips and placements of one workload and run, each in a
 * fraction of a millisecond once its structure is known.
 *
 * Results are those of `evaluateCost` at that level, but for the energy of the interconnect, which
 * is estimated (see `createTableModel`), and without breakdown, components and the note on
 * programming. What a table
 * cannot say goes to `evaluateCost`: placements that do not fit, experts that take turns or have
 * copies, capacity limits, chips with several kinds of tiles or broken links.
 */
export function createTableEvaluator(
  workload: Workload,
  options: CostOptions,
  model: TableModel = createTableModel(workload, options),
): EvaluatePlacement {
  const ofPlacement = createMemo((placement: Placement) => ({
    shares: sharesOf(model.matrices, placement),
    weights: analogWeights(model.matrices, placement),
  }));
  const isPlain =
    (options.replica_tiles ?? 0) === 0 &&
    options.capacity_factor === undefined &&
    (options.assignment ?? "in-order") === "in-order";
  const isOrdinary = ({ assignment = "in-order", replicas }: Placement): boolean =>
    assignment === "in-order" && replicas === undefined;
  return (arch, placement) => {
    const slowly = (): CostEvaluation => evaluateCost(arch, workload, placement, options);
    if (!isPlain || !isOrdinary(placement)) return slowly();
    if (arch.tiles.length > 1 || deadLinks(arch.interconnect).length > 0) return slowly();
    const table = model.chip(arch);
    if (!table.feasible) return slowly();
    const sums = evaluateTable(table, placement);
    const point = pointOf(table, sums);
    if (!point.fits) return slowly();
    const { shares, weights } = ofPlacement(placement);
    return {
      ...shares,
      ...chipFields(arch, table, point, weights),
      ...phaseFields(table, sums, point, options),
      feasible: true,
      infeasible_reason: null,
      breakdown: [],
      components: [],
      notes: runNotes(arch, workload, table.chip.part, table.chip.kvMemory, options),
    };
  };
}

/** Remembers the last value: explorations ask for one placement on many chips. */
function createMemo<K, V>(make: (key: K) => V): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | null = null;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

function sharesOf(matrices: readonly WeightMatrix[], placement: Placement) {
  const { parameters_frac, experts_frac } = digitalShares(matrices, placement);
  return { digital_parameters_frac: parameters_frac, digital_experts_frac: experts_frac };
}

function analogWeights(matrices: readonly WeightMatrix[], { targets }: Placement): number {
  let weights = 0;
  for (const { id, inputs, outputs } of matrices)
    if (targets[id] === "analog") weights += inputs * outputs;
  return weights;
}

function chipFields(
  { tiles: [tile] }: Arch,
  { chip }: CostTable,
  { crossbars_used, area_mm2, area_occupied_mm2 }: TablePoint,
  weights: number,
) {
  const crossbar = tile?.crossbar;
  const cells = crossbar === undefined ? 0 : crossbars_used * crossbar.rows * crossbar.cols;
  return {
    tiles_used: Math.min(chip.tiles, crossbars_used),
    tiles_available: chip.tiles,
    crossbars_used,
    crossbars_available: chip.crossbars,
    cell_utilisation_frac: cells === 0 ? 0 : (weights * crossbar!.slices) / cells,
    area_mm2,
    area_occupied_mm2,
  };
}

function phaseFields(
  { columns, chip }: CostTable,
  { sums }: TableSums,
  { phases, crossbars_used }: TablePoint,
  { decode_tokens }: CostOptions,
) {
  const costOf = (phase: "prefill" | "decode", groups: number): PhaseCost | null => {
    const point = phases.find((own) => own.phase === phase);
    return point === undefined ? null : phaseCost(point, groups);
  };
  const duration_ns = phases.reduce((sum, { duration_lower_ns }) => sum + duration_lower_ns, 0);
  const tilePool = columns.components.length + columns.pools.length - 2;
  const busy_ns = sums.reduce((all_ns, sum) => all_ns + nsFromPs(sum[tilePool]!), 0);
  const tiles_ns = duration_ns * Math.min(chip.tiles, crossbars_used);
  return {
    analog_busy_frac: tiles_ns === 0 ? null : busy_ns / tiles_ns,
    prefill: costOf("prefill", 1),
    decode: costOf("decode", decode_tokens),
  };
}

function phaseCost({ duration_lower_ns, energy_pJ, tokens, ops }: TablePhasePoint, groups: number) {
  const latency_ns = duration_lower_ns / groups;
  return {
    latency_ns,
    latency_lower_ns: latency_ns,
    latency_upper_ns: null,
    energy_pJ,
    tokens,
    duration_ns: duration_lower_ns,
    ops,
  };
}
