import type { TokenGroup } from "../lowering/context.ts";
import { decodeGroup, decodeSteps, prefillGroup } from "../lowering/groups.ts";
import { lowerBase, lowerUse, type Use } from "../lowering/parts.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { CostOptions } from "../model/run.ts";
import type { Machine } from "./machine.ts";
import { type Columns, createRowPricer, type PricedRow, poolsOf } from "./table-rows.ts";

/** One matrix, or one gated network, with its rows by where it is computed. */
export interface Unit {
  readonly ids: readonly number[];
  readonly layer: number;
  /** All of it in analog, or all of it digitally. */
  readonly analog: Float64Array;
  readonly digital: Float64Array;
  /** Of a network: each matrix alone, for mixed targets. */
  readonly parts: readonly { readonly analog: Float64Array; readonly digital: Float64Array }[];
}

export interface PhaseTable {
  readonly phase: "prefill" | "decode";
  readonly tokens: number;
  /** Work that no placement changes. */
  readonly base: Float64Array;
  /** In the order of layers. */
  readonly units: readonly Unit[];
  /** Units of each layer; those of the LM head come first. */
  readonly layers: readonly (readonly Unit[])[];
}

/** Machines with all matrices in analog (null: the chip has no tiles) and with all digital. */
export interface Extremes {
  readonly analog: Machine | null;
  readonly digital: Machine;
  readonly matrices: readonly WeightMatrix[];
}

/** Lowers every use of a matrix once per shape, and sums up the rows of each unit. */
export function createPhaseTables(
  extremes: Extremes,
  { batch, prefill_tokens, decode_tokens }: CostOptions,
): { readonly columns: Columns; readonly phases: readonly PhaseTable[] } {
  const pricer = createRowPricer(poolsOf(extremes.digital.arch));
  const rowOf = createUseRows(extremes, pricer.row);
  const plans: readonly [PhaseTable["phase"], TokenGroup[]][] = [
    ["prefill", prefill_tokens === 0 ? [] : [prefillGroup(batch, prefill_tokens)]],
    ["decode", [...decodeSteps(batch, prefill_tokens, decode_tokens)]],
  ];
  const drafts = plans
    .filter(([, groups]) => groups.length > 0)
    .map(([phase, groups]) => draftPhase(extremes, phase, groups, pricer.row, rowOf));
  const columns = pricer.columns();
  return { columns, phases: drafts.map((draft) => draft(columns)) };
}

type Target = "analog" | "digital";
type RowOf = (target: Target, ids: readonly number[], hub: number, tokens: number) => PricedRow[];

/** Rows of uses; matrices of one shape share them. An analog use of n tokens is n uses of one. */
function createUseRows({ analog, digital, matrices }: Extremes, price: PriceGraph): RowOf {
  const known = new Map<string, PricedRow>();
  return (target, ids, hub, tokens) => {
    const machine = target === "analog" ? analog : digital;
    if (machine === null) return [];
    const together = target === "analog" ? 1 : tokens;
    const shapes = ids.map((id) => `${matrices[id]!.inputs}x${matrices[id]!.outputs}`);
    const key = `${target} ${shapes} ${together}`;
    const row =
      known.get(key) ?? price(machine, lowerUse(machine.lowering, { ids, hub, tokens: together }));
    known.set(key, row);
    const times = target === "analog" ? tokens : 1;
    return [
      {
        energy_pJ: row.energy_pJ.map((e) => e * times),
        busy_ps: row.busy_ps.map((t) => t * times),
        latency_ps: row.latency_ps,
      },
    ];
  };
}

type PriceGraph = ReturnType<typeof createRowPricer>["row"];

/** Rows are written when all columns are known. */
function draftPhase(
  { digital, matrices }: Extremes,
  phase: PhaseTable["phase"],
  groups: readonly TokenGroup[],
  price: PriceGraph,
  rowOf: RowOf,
): (columns: Columns) => PhaseTable {
  const base: PricedRow[] = [];
  const uses = new Map<string, Use[]>();
  for (const group of groups) {
    const whole = lowerBase(digital.lowering, group);
    const last = decodeGroup(1, group.length.reduce((a, b) => Math.max(a, b), 1) - 1, 0);
    const chain = price(digital, lowerBase(digital.lowering, last).graph);
    base.push({ ...price(digital, whole.graph), latency_ps: chain.latency_ps });
    for (const use of whole.uses) {
      const key = use.ids.join();
      uses.set(key, [...(uses.get(key) ?? []), use]);
    }
  }
  const drafts = [...uses.values()].map((same) => {
    const { ids } = same[0]!;
    const rows = (target: Target, wanted: readonly number[]) =>
      same.flatMap(({ hub, tokens }) => rowOf(target, wanted, hub, tokens));
    const both = (wanted: readonly number[]) => ({
      analog: rows("analog", wanted),
      digital: rows("digital", wanted),
    });
    return { ids, all: both(ids), parts: ids.length === 1 ? [] : ids.map((id) => both([id])) };
  });
  const tokens = groups.reduce((sum, group) => sum + group.tokens, 0);
  return (columns) => {
    const write = ({ analog, digital: own }: { analog: PricedRow[]; digital: PricedRow[] }) => ({
      analog: summed(columns, analog),
      digital: summed(columns, own),
    });
    const units = drafts.map(({ ids, all, parts }) => ({
      ids,
      layer: matrices[ids[0]!]!.layer,
      ...write(all),
      parts: parts.map(write),
    }));
    units.sort((a, b) => a.layer - b.layer);
    return { phase, tokens, base: summed(columns, base), units, layers: byLayer(units) };
  };
}

function byLayer(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const layers: Unit[][] = [];
  for (const unit of units) {
    layers[unit.layer + 1] ??= [];
    layers[unit.layer + 1]!.push(unit);
  }
  return Array.from(layers, (own) => own ?? []);
}

function summed({ components, pools, width }: Columns, rows: readonly PricedRow[]): Float64Array {
  const sum = new Float64Array(width);
  for (const { energy_pJ, busy_ps, latency_ps } of rows) {
    components.forEach((_, c) => {
      sum[c]! += energy_pJ[c] ?? 0;
    });
    pools.forEach((_, p) => {
      sum[components.length + p]! += busy_ps[p]!;
    });
    sum[width - 1]! += latency_ps;
  }
  return sum;
}
