import { chipStatic_mW } from "../cost/area.ts";
import { digitalPart } from "../lowering/cores.ts";
import { findRoom } from "../lowering/room.ts";
import { mapPlacement } from "../mapping/map.ts";
import { blockCount, weightsPerCrossbar } from "../mapping/split.ts";
import type { Arch } from "../model/arch.ts";
import { withMoreNodes } from "../model/interconnect.ts";
import { ALWAYS_DIGITAL, type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Placement, Target } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { nsFromPs } from "../units/convert.ts";
import { disconnection } from "./disconnected.ts";
import { createMachine, type Machine } from "./machine.ts";
import { createPhaseTables, type PhaseTable, type Unit } from "./table-phase.ts";
import type { Columns } from "./table-rows.ts";

/** Everything that placements of one workload on one chip are sums of. */
export interface CostTable {
  readonly feasible: true;
  readonly columns: Columns;
  readonly phases: readonly PhaseTable[];
  /** Units that a matrix is part of, by phase. [matrices][phases] */
  readonly unitsOf: readonly (readonly number[])[];
  /** Of the first kind of tile. [matrices] */
  readonly crossbars: Int32Array;
  readonly crossbars_available: number;
  readonly latentAttention: boolean;
  readonly matrices: readonly WeightMatrix[];
  readonly static_mW: number;
}

/**
 * Fills the table: each use of a matrix is lowered by itself, in analog and digitally, with as many
 * tokens as the run sends there, and priced.
 *
 * Energies are those of a simulation, but for the interconnect: routes are those of a chip that
 * holds every matrix in analog, each expert is sent its tokens by itself, and matrices of a shape
 * share one row. All analog rows are of the first kind of tile.
 */
export function createTable(
  arch: Arch,
  workload: Workload,
  options: CostOptions,
): CostTable | { readonly feasible: false; readonly reason: string } {
  const matrices = weightMatrices(workload);
  const machineFor = (chip: Arch, target: Target): Machine | string =>
    machineOf(chip, workload, matrices, target, options);
  const digital = machineFor(arch, "digital");
  if (typeof digital === "string") return { feasible: false, reason: digital };
  const tile = arch.tiles[0];
  const crossbars = Int32Array.from(matrices, ({ module, inputs, outputs }) =>
    tile === undefined || ALWAYS_DIGITAL.includes(module)
      ? 0
      : blockCount({ rows: inputs, cols: outputs }, weightsPerCrossbar(tile.crossbar)),
  );
  const needed = crossbars.reduce((sum, n) => sum + n, 0);
  const analog = tile === undefined ? null : machineFor(withRoomFor(arch, needed), "analog");
  if (typeof analog === "string") return { feasible: false, reason: analog };
  const tables = createPhaseTables({ analog, digital, matrices }, options);
  return {
    feasible: true,
    ...tables,
    unitsOf: unitsOfMatrices(matrices.length, tables.phases),
    crossbars,
    crossbars_available: tile === undefined ? 0 : tile.count * tile.crossbar.tiers,
    latentAttention: workload.attention.kind === "latent",
    matrices,
    static_mW: chipStatic_mW(arch),
  };
}

function machineOf(
  arch: Arch,
  workload: Workload,
  matrices: readonly WeightMatrix[],
  target: Target,
  options: CostOptions,
): Machine | string {
  const targets = matrices.map(({ module }) =>
    ALWAYS_DIGITAL.includes(module) ? "digital" : target,
  );
  const placement: Placement = { name: target, targets };
  const mapped = mapPlacement(arch, matrices, placement, "infeasible");
  if (!mapped.feasible) return mapped.reason;
  const digital = digitalPart(arch);
  if ("missing" in digital) return `the chip lacks ${digital.missing}`;
  const cut = disconnection(arch, mapped.mapping);
  if (cut !== null) return cut;
  const none: Placement = { name: "none", targets: matrices.map(() => "analog") };
  const room = findRoom(arch, workload, matrices, none, digital, options);
  if (!room.hasRoom) return `no room for ${room.what}`;
  return createMachine(arch, workload, matrices, mapped, digital, room.kvMemory, options);
}

/** The chip with as many tiles of its first kind as that takes, on a larger network. */
function withRoomFor(arch: Arch, crossbars: number): Arch {
  const [tile, ...others] = arch.tiles;
  if (tile === undefined) return arch;
  const times = Math.ceil(crossbars / (tile.count * tile.crossbar.tiers));
  if (times <= 1) return arch;
  const interconnect = withMoreNodes(arch.interconnect, times + 1);
  return { ...arch, tiles: [{ ...tile, count: tile.count * times }, ...others], interconnect };
}

function unitsOfMatrices(matrices: number, phases: readonly PhaseTable[]): number[][] {
  const units = Array.from({ length: matrices }, () => phases.map(() => -1));
  phases.forEach(({ units: own }, phase) => {
    own.forEach(({ ids }, unit) => {
      for (const id of ids) units[id]![phase] = unit;
    });
  });
  return units;
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
}

/** Sums up one placement from scratch. */
export function evaluateTable(table: CostTable, placement: Placement): TableSums {
  const { targets } = placement;
  const isAnalog = new Uint8Array(targets.length);
  const crossbars = new Int32Array(1);
  for (let id = 0; id < targets.length; id++) {
    if (targets[id] === "digital" || table.crossbars[id] === 0) continue;
    isAnalog[id] = 1;
    crossbars[0]! += table.crossbars[id]!;
  }
  const sums = table.phases.map(({ base, units }) => {
    const sum = base.slice();
    for (const unit of units) addUnit(sum, unit, isAnalog, 1);
    return sum;
  });
  const chains_ps = table.phases.map(({ layers }) =>
    Float64Array.from(layers, (units) => layerChain_ps(table, units, isAnalog)),
  );
  return { isAnalog, sums, chains_ps, crossbars };
}

/** Moves some matrices: takes their rows out and puts the others in. */
export function changeTargets(
  table: CostTable,
  state: TableSums,
  ids: readonly number[],
  target: Target,
): void {
  const { isAnalog, sums, crossbars } = state;
  const add = (id: number, sign: number): void => {
    const units = table.unitsOf[id]!;
    for (let phase = 0; phase < units.length; phase++) {
      const unit = table.phases[phase]!.units[units[phase]!];
      if (unit !== undefined) addUnit(sums[phase]!, unit, isAnalog, sign);
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
    changed.add(table.matrices[id]!.layer + 1);
  }
  table.phases.forEach(({ layers }, phase) => {
    for (const layer of changed)
      if (layers[layer] !== undefined)
        state.chains_ps[phase]![layer] = layerChain_ps(table, layers[layer], isAnalog);
  });
}

/** A network whose matrices are not all in one place is its matrices one by one, and SwiGLU. */
function addUnit(sum: Float64Array, unit: Unit, isAnalog: Uint8Array, sign: number): void {
  let analog = 0;
  for (const id of unit.ids) analog += isAnalog[id]!;
  if (analog === unit.ids.length) addRow(sum, unit.analog, sign);
  else {
    addRow(sum, unit.digital, sign);
    if (analog === 0) return;
    unit.parts.forEach((part, i) => {
      if (isAnalog[unit.ids[i]!] === 0) return;
      addRow(sum, part.digital, -sign);
      addRow(sum, part.analog, sign);
    });
  }
}

/** All columns but the latency, which does not add up over what runs side by side. */
function addRow(sum: Float64Array, row: Float64Array, sign: number): void {
  for (let c = 0; c + 1 < row.length; c++) sum[c]! += sign * row[c]!;
}

/** What a table says of a placement. */
export interface TablePoint {
  readonly fits: boolean;
  readonly crossbars_used: number;
  readonly phases: readonly {
    readonly phase: PhaseTable["phase"];
    readonly tokens: number;
    readonly dynamic_pJ: number;
    /** Dynamic energy, and static power over the least time. */
    readonly energy_pJ: number;
    /** Whole phase: the busiest pool, or what a token of each step has to go through. */
    readonly duration_lower_ns: number;
  }[];
}

/** Reads the sums of a placement. */
export function pointOf(table: CostTable, { sums, chains_ps, crossbars }: TableSums): TablePoint {
  const { components, pools } = table.columns;
  const phases = table.phases.map((phaseTable, p) => {
    const sum = sums[p]!;
    let dynamic_pJ = 0;
    for (let c = 0; c < components.length; c++) dynamic_pJ += sum[c]!;
    let lower_ps = phaseTable.base[phaseTable.base.length - 1]!;
    for (const chain_ps of chains_ps[p]!) lower_ps += chain_ps;
    pools.forEach(({ servers }, pool) => {
      lower_ps = Math.max(lower_ps, sum[components.length + pool]! / servers);
    });
    const duration_lower_ns = nsFromPs(lower_ps);
    const energy_pJ = dynamic_pJ + table.static_mW * duration_lower_ns;
    const { phase, tokens } = phaseTable;
    return { phase, tokens, dynamic_pJ, energy_pJ, duration_lower_ns };
  });
  const crossbars_used = crossbars[0]!;
  return { fits: crossbars_used <= table.crossbars_available, crossbars_used, phases };
}

/**
 * What a token has to go through one after the other in a layer, beside the fixed work: of products
 * side by side the longest, and of the two ways through latent attention the shorter. The shared
 * expert works beside router and experts and is left out; so is v, which no norm waits for.
 */
function layerChain_ps(table: CostTable, units: readonly Unit[], isAnalog: Uint8Array): number {
  let [rows_ps, longest_ps, q_ps, kv_ps, first_ps] = [0, 0, 0, 0, 0];
  for (const unit of units) {
    const own_ps = unitLatency_ps(unit, isAnalog);
    const { module, part } = table.matrices[unit.ids[0]!]!;
    if (module === "shared") continue;
    if (unit.ids.length > 1) longest_ps = Math.max(longest_ps, own_ps);
    else if (part === "o" || module === "lm-head") rows_ps += own_ps;
    else if (part === "kv_a" || part === "kv_b") kv_ps += own_ps;
    else if (part === "q_a" || part === "q_b" || table.latentAttention) q_ps += own_ps;
    else if (part !== "v") first_ps = Math.max(first_ps, own_ps);
  }
  return rows_ps + longest_ps + first_ps + (table.latentAttention ? Math.min(q_ps, kv_ps) : 0);
}

/** Whole units by their row; of a mixed network the gate and the down matrix, one after the other. */
function unitLatency_ps(unit: Unit, isAnalog: Uint8Array): number {
  const last = unit.digital.length - 1;
  let analog = 0;
  for (const id of unit.ids) analog += isAnalog[id]!;
  if (analog === unit.ids.length) return unit.analog[last]!;
  if (analog === 0) return unit.digital[last]!;
  const part = (i: number): number =>
    (isAnalog[unit.ids[i]!] === 1 ? unit.parts[i]!.analog : unit.parts[i]!.digital)[last]!;
  return part(0) + part(2);
}
