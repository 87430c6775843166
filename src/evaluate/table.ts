import type { Arch } from "../model/arch.ts";
import type { Placement, Target } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { chainRole } from "./chain-role.ts";
import { type CostTable, createTableModel, type NoTable, type PhaseTable } from "./table-model.ts";
import type { LayerChain, Unit } from "./table-uses.ts";

/** The table of one chip, see `createTableModel`. */
export function createTable(
  arch: Arch,
  workload: Workload,
  options: CostOptions,
): CostTable | NoTable {
  return createTableModel(workload, options).chip(arch);
}

/** A placement as sums over the table; changed in place by `changeTargets`. */
export interface TableSums {
  /** 1: analog. [matrices] */
  readonly isAnalog: Uint8Array;
  /** [phases][width]; the last column is that of the fixed work only. */
  readonly sums: readonly Float64Array[];
  /** What a token has to go through in each layer, products only. [phases][layers + 1] */
  readonly chains_ps: readonly Float64Array[];
  /** Crossbars in use. [1] */
  readonly crossbars: Int32Array;
  /** Digital weights in the weight memory. [1] */
  readonly weights_B: Float64Array;
}

/** Sums up one placement from scratch. */
export function evaluateTable(
  table: CostTable,
  { targets }: Pick<Placement, "targets">,
): TableSums {
  const isAnalog = new Uint8Array(targets.length);
  for (let id = 0; id < targets.length; id++)
    if (targets[id] === "analog" && table.crossbars[id]! > 0) isAnalog[id] = 1;
  return sumTable(table, isAnalog);
}

/** The same on another chip, or for targets that are flags already. */
export function sumTable(table: CostTable, isAnalog: Uint8Array): TableSums {
  const crossbars = new Int32Array(1);
  const weights_B = new Float64Array(1);
  for (let id = 0; id < isAnalog.length; id++) {
    if (isAnalog[id] === 1) crossbars[0]! += table.crossbars[id]!;
    else weights_B[0]! += table.chip.weights_B[id]!;
  }
  return {
    isAnalog,
    sums: table.phases.map((phase) => sumPhase(phase, isAnalog)),
    chains_ps: table.phases.map((phase) =>
      Float64Array.from(phase.chains, (chain) => layerChain_ps(table, phase, chain, isAnalog)),
    ),
    crossbars,
    weights_B,
  };
}

/** Units with one profile are counted first, then added at once. */
function sumPhase(phase: PhaseTable, isAnalog: Uint8Array): Float64Array {
  const counts = { analog: count(phase), digital: count(phase) };
  for (const unit of phase.units) countUnit(counts, unit, isAnalog);
  const sum = phase.base.slice();
  for (let p = 0; p < phase.analog.length; p++) {
    if (counts.analog[p] !== 0) addRow(sum, phase.analog[p]!, counts.analog[p]!);
    if (counts.digital[p] !== 0) addRow(sum, phase.digital[p]!, counts.digital[p]!);
  }
  return sum;
}

const count = ({ analog }: PhaseTable): Int32Array => new Int32Array(analog.length);

/** Moves some matrices: takes their rows out and puts the others in. */
export function changeTargets(
  table: CostTable,
  state: TableSums,
  ids: readonly number[],
  target: Target,
): void {
  const { isAnalog, sums, crossbars, weights_B } = state;
  const add = (id: number, sign: number): void => {
    const units = table.unitsOf[id]!;
    for (let p = 0; p < units.length; p++) {
      const phase = table.phases[p]!;
      const unit = phase.units[units[p]!];
      if (unit !== undefined) addUnit(sums[p]!, phase, unit, isAnalog, sign);
    }
  };
  const changed = new Set<number>();
  for (const id of ids) {
    const now = target === "analog" && table.crossbars[id]! > 0 ? 1 : 0;
    if (isAnalog[id] === now) continue;
    add(id, -1);
    isAnalog[id] = now;
    add(id, 1);
    crossbars[0]! += (2 * now - 1) * table.crossbars[id]!;
    weights_B[0]! -= (2 * now - 1) * table.chip.weights_B[id]!;
    changed.add(table.matrices[id]!.layer + 1);
  }
  table.phases.forEach((phase, p) => {
    for (const layer of changed) {
      const chain = phase.chains[layer]!;
      state.chains_ps[p]![layer] = layerChain_ps(table, phase, chain, isAnalog);
    }
  });
}

function analogParts({ ids }: Unit, isAnalog: Uint8Array): number {
  let analog = 0;
  for (let i = 0; i < ids.length; i++) analog += isAnalog[ids[i]!]!;
  return analog;
}

/** A network whose matrices are not all in one place is its matrices one by one, and SwiGLU. */
function countUnit(
  counts: { readonly analog: Int32Array; readonly digital: Int32Array },
  unit: Unit,
  isAnalog: Uint8Array,
): void {
  const analog = analogParts(unit, isAnalog);
  if (analog === unit.ids.length) {
    counts.analog[unit.profile]!++;
    return;
  }
  counts.digital[unit.profile]!++;
  if (analog === 0) return;
  unit.parts.forEach((part, i) => {
    if (isAnalog[unit.ids[i]!] === 0) return;
    counts.digital[part]!--;
    counts.analog[part]!++;
  });
}

/** The same for one unit. */
function addUnit(
  sum: Float64Array,
  phase: PhaseTable,
  unit: Unit,
  isAnalog: Uint8Array,
  sign: number,
): void {
  const analog = analogParts(unit, isAnalog);
  if (analog === unit.ids.length) {
    addRow(sum, phase.analog[unit.profile]!, sign);
    return;
  }
  addRow(sum, phase.digital[unit.profile]!, sign);
  if (analog === 0) return;
  unit.parts.forEach((part, i) => {
    if (isAnalog[unit.ids[i]!] === 0) return;
    addRow(sum, phase.digital[part]!, -sign);
    addRow(sum, phase.analog[part]!, sign);
  });
}

/** All columns but the latency, which does not add up over what runs side by side. */
function addRow(sum: Float64Array, row: Float64Array, times: number): void {
  for (let c = 0; c + 1 < row.length; c++) sum[c]! += times * row[c]!;
}

/**
 * What the last token of each group has to go through one after the other in a layer, beside the
 * fixed work: of products side by side the longest, and of the two ways through latent attention
 * the shorter. The shared expert works beside router and experts and is left out; so is v, which no
 * norm waits for.
 */
function layerChain_ps(
  table: CostTable,
  phase: PhaseTable,
  { fixed, routed }: LayerChain,
  isAnalog: Uint8Array,
): number {
  let [rows_ps, gated_ps, q_ps, kv_ps, first_ps] = [0, 0, 0, 0, 0];
  for (const unit of fixed) {
    const role = chainRole(
      table.matrices[unit.ids[0]!]!,
      unit.ids.length > 1,
      table.latentAttention,
    );
    if (role === "beside") continue;
    const own_ps = unitLatency_ps(phase, unit, isAnalog);
    if (role === "gated") gated_ps += own_ps;
    else if (role === "rows") rows_ps += own_ps;
    else if (role === "kv") kv_ps += own_ps;
    else if (role === "q") q_ps += own_ps;
    else first_ps = Math.max(first_ps, own_ps);
  }
  const attention_ps = first_ps + (table.latentAttention ? Math.min(q_ps, kv_ps) : 0);
  let chain_ps = routed.length * (rows_ps + gated_ps + attention_ps);
  for (const experts of routed) {
    let longest_ps = 0;
    for (const unit of experts)
      longest_ps = Math.max(longest_ps, unitLatency_ps(phase, unit, isAnalog));
    chain_ps += longest_ps;
  }
  return chain_ps;
}

/** Whole units by their row; of a mixed network the gate and the down matrix, one after the other. */
function unitLatency_ps(phase: PhaseTable, unit: Unit, isAnalog: Uint8Array): number {
  const last = phase.base.length - 1;
  const analog = analogParts(unit, isAnalog);
  if (analog === unit.ids.length) return phase.analog[unit.profile]![last]!;
  if (analog === 0) return phase.digital[unit.profile]![last]!;
  const part = (i: number): number =>
    (isAnalog[unit.ids[i]!] === 1 ? phase.analog : phase.digital)[unit.parts[i]!]![last]!;
  return part(0) + part(2);
}
