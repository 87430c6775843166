/** A table as sums of variables, for a solver that chooses the placement. */
import {
  type Affine,
  combine,
  constantOf,
  type NonNegative,
  type Variable,
  variableOf,
} from "../model/integer-programme.ts";
import { chainRole } from "./chain-role.ts";
import { longestOf, type ProgrammeDraft, shorterOf } from "./programme-draft.ts";
import type { CostTable, PhaseTable } from "./table-model.ts";
import type { QuantityName } from "./table-quantities.ts";
import { createUnitSums, type UnitSums } from "./table-unit-sums.ts";
import type { LayerChain, Unit } from "./table-uses.ts";

export interface TableProgramme {
  /** The first ones are the matrices: 1 is analog. */
  readonly variables: readonly Variable[];
  readonly rows: readonly NonNegative[];
  /** Exact where a limit keeps them small. */
  readonly quantities: Readonly<Record<QuantityName, Affine>>;
  /** Quantities that rows bound from below only. */
  readonly floored: readonly QuantityName[];
}

const FLOORED: readonly QuantityName[] = [
  "prefill_energy_pJ",
  "prefill_duration_ns",
  "decode_energy_pJ",
  "decode_duration_ns",
  "tiles_used",
];

/** Rows for experts that a token waits for, of one phase; with more, their mean stands for the longest. */
const MOST_WAITING_ROWS = 8000;

/**
 * Writes a table as an integer programme: energies add up unit by unit, a phase takes as long as
 * its busiest pool and as its longest chain.
 *
 * A network of three matrices costs something else when all three are in one place; that is a
 * variable of its own, tied to the three.
 */
export function programmeOf(table: CostTable): TableProgramme {
  const variables: Variable[] = [];
  const rows: Affine[] = [];
  const draft: ProgrammeDraft = {
    variable: (least, most, isWhole) => variables.push({ least, most, isWhole }) - 1,
    atLeast0: (row) => rows.push(row),
  };
  for (const crossbars of table.crossbars) draft.variable(0, crossbars > 0 ? 1 : 0, true);
  const units = createUnitSums(draft);
  const phases = table.phases.map((phase) => phaseSums(table, phase, draft, units));
  const of = (name: PhaseTable["phase"]) => phases[table.phases.findIndex((p) => p.phase === name)];
  const crossbars = combine([...table.crossbars].map((n, id) => [n, variableOf(id)]));
  const busy = phases.map(({ busy_ns }) => [1, busy_ns] as const);
  const experts = table.matrices.filter(({ module }) => module === "expert");
  const counted = table.matrices.filter(
    ({ module }) => module !== "embedding" && module !== "router",
  );
  room(table, draft, crossbars);
  const quantities = {
    prefill_energy_pJ: of("prefill")?.energy_pJ ?? constantOf(0),
    prefill_duration_ns: of("prefill")?.duration_ns ?? constantOf(0),
    decode_energy_pJ: of("decode")?.energy_pJ ?? constantOf(0),
    decode_duration_ns: of("decode")?.duration_ns ?? constantOf(0),
    tiles_busy_ns: combine(busy),
    tiles_used: tilesUsed(table, draft, crossbars),
    crossbars_used: crossbars,
    digital_weights: digitalWeights(counted),
    digital_expert_weights: digitalWeights(experts),
  };
  return { variables, rows, quantities, floored: FLOORED };
}

const digitalWeights = (matrices: CostTable["matrices"]): Affine =>
  combine(
    matrices.flatMap(({ id, inputs, outputs }) => [
      [inputs * outputs, constantOf(1)] as const,
      [-inputs * outputs, variableOf(id)] as const,
    ]),
  );

/** Crossbars, weight memory, and KV cache perhaps beside the weights. */
function room(
  { chip, matrices }: CostTable,
  { atLeast0 }: ProgrammeDraft,
  crossbars: Affine,
): void {
  atLeast0(
    combine([
      [1, constantOf(chip.crossbars)],
      [-1, crossbars],
    ]),
  );
  const weights = combine(
    matrices.flatMap(({ id }) => [
      [chip.weights_B[id]!, constantOf(1)] as const,
      [-chip.weights_B[id]!, variableOf(id)] as const,
    ]),
  );
  const apart = chip.kvMemories.some((m) => !m.holdsWeights && chip.kvCache_B <= m.capacity_B);
  const kvCache_B = apart ? 0 : chip.kvCache_B;
  atLeast0(
    combine([
      [1, constantOf(chip.weightMemory_B - kvCache_B)],
      [-1, weights],
    ]),
  );
}

/** Blocks are spread: every crossbar on a tile of its own, until there are no more tiles. */
function tilesUsed({ chip, crossbars: own }: CostTable, draft: ProgrammeDraft, crossbars: Affine) {
  const most = own.reduce((sum, n) => sum + n, 0);
  if (most <= chip.tiles) return crossbars;
  const used = draft.variable(0, chip.tiles, false);
  const areAll = draft.variable(0, 1, true);
  const slack = most - chip.tiles;
  draft.atLeast0(
    combine([
      [1, variableOf(used)],
      [-1, crossbars],
      [slack, variableOf(areAll)],
    ]),
  );
  draft.atLeast0(
    combine([
      [1, variableOf(used)],
      [-chip.tiles, variableOf(areAll)],
    ]),
  );
  return variableOf(used);
}

interface PhaseSums {
  readonly energy_pJ: Affine;
  readonly duration_ns: Affine;
  readonly busy_ns: Affine;
}

function phaseSums(
  table: CostTable,
  phase: PhaseTable,
  draft: ProgrammeDraft,
  units: UnitSums,
): PhaseSums {
  const { components, pools } = table.columns;
  const ofColumns = (pick: (row: Float64Array) => number): Affine =>
    combine([
      [pick(phase.base), constantOf(1)],
      ...phase.units.map((unit) => [1, units.work(phase, unit, pick)] as const),
    ]);
  const dynamic_pJ = ofColumns((row) => {
    let sum = 0;
    for (let c = 0; c < components.length; c++) sum += row[c]!;
    return sum;
  });
  const loads_ps = pools.map(({ servers }, p) =>
    combine([[1 / servers, ofColumns((row) => row[components.length + p]!)]]),
  );
  const chain_ps = chainOf(table, phase, draft, units);
  const tiles = components.length + pools.length - 2;
  const tiles_ps = table.chip.tiles === 0 ? constantOf(0) : ofColumns((row) => row[tiles]!);
  const duration_ns = combine([[1e-3, longestOf(draft, [...loads_ps, chain_ps])]]);
  return {
    energy_pJ: combine([
      [1, dynamic_pJ],
      [table.chip.static_mW, duration_ns],
    ]),
    duration_ns,
    busy_ns: combine([[1e-3, tiles_ps]]),
  };
}

/** The same sum as `pointOf` makes of fixed work and layers. */
function chainOf(
  table: CostTable,
  phase: PhaseTable,
  draft: ProgrammeDraft,
  units: UnitSums,
): Affine {
  const waiting = phase.chains.reduce(
    (sum, { routed }) => sum + routed.reduce((n, experts) => n + experts.length, 0),
    0,
  );
  const longest =
    waiting <= MOST_WAITING_ROWS
      ? (sums: readonly Affine[]) => longestOf(draft, sums)
      : (sums: readonly Affine[]) => combine(sums.map((sum) => [1 / sums.length, sum]));
  return combine([
    [phase.base.at(-1)!, constantOf(1)],
    ...phase.chains.map(
      (chain) => [1, layerChain(table, phase, chain, draft, units, longest)] as const,
    ),
  ]);
}

function layerChain(
  table: CostTable,
  phase: PhaseTable,
  { fixed, routed }: LayerChain,
  draft: ProgrammeDraft,
  units: UnitSums,
  longest: (sums: readonly Affine[]) => Affine,
): Affine {
  const own: Record<ReturnType<typeof chainRole>, Affine[]> = {
    rows: [],
    gated: [],
    q: [],
    kv: [],
    first: [],
    beside: [],
  };
  for (const unit of fixed) {
    const role = chainRole(
      table.matrices[unit.ids[0]!]!,
      unit.ids.length > 1,
      table.latentAttention,
    );
    own[role].push(units.latency(phase, unit));
  }
  const sum = (sums: readonly Affine[]): Affine => combine(sums.map((part) => [1, part]));
  const before = [
    ...(own.first.length === 0 ? [] : [longestOf(draft, own.first)]),
    ...(table.latentAttention ? [shorterOf(draft, sum(own.q), sum(own.kv))] : []),
  ];
  const times = routed.length;
  const groups = distinctGroups(routed).map(
    ([count, experts]) =>
      [count, longest(experts.map((unit) => units.latency(phase, unit)))] as const,
  );
  return combine([[times, sum([...own.rows, ...own.gated, ...before])], ...groups]);
}

/** Groups of the same experts, and how many there are; units are shared. */
function distinctGroups(groups: readonly (readonly Unit[])[]): [number, readonly Unit[]][] {
  const numberOf = new Map<Unit, number>();
  const known = new Map<string, [number, readonly Unit[]]>();
  for (const units of groups) {
    if (units.length === 0) continue;
    const numbers = units.map((unit) => {
      const number = numberOf.get(unit) ?? numberOf.size;
      numberOf.set(unit, number);
      return number;
    });
    const key = numbers.sort((a, b) => a - b).join();
    const before = known.get(key);
    if (before === undefined) known.set(key, [1, units]);
    else before[0]++;
  }
  return [...known.values()];
}
