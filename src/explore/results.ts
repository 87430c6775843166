/** From what a point's evaluation found to its row: objectives, constraints, nulls. */
import type { ReportRow } from "../model/report.ts";
import type { Level } from "../model/run.ts";
import type { SweepStage } from "../model/sweep.ts";
import { isTrue } from "./points.ts";
import { type PointRow, REPORT_COLUMNS, type Scalar, semOf } from "./row.ts";
import type { Objective, Space } from "./space.ts";

/** What is known of a point before it is evaluated. */
export interface PointStart {
  readonly point: string;
  readonly index: number;
  readonly stage: SweepStage;
  readonly level: Level;
  readonly engine: string;
  readonly variables: Readonly<Record<string, Scalar>>;
}

export interface PointResults {
  readonly report: ReportRow;
  readonly predicted_nll_nats: number | null;
  readonly arch_sha256: string;
  readonly placement_sha256: string;
}

type Fields = Record<string, Scalar>;
type FieldValues = Readonly<Fields>;

/** Fields with a standard error, and the field that has it. */
const SEM_OF: Readonly<Record<string, string>> = {
  nll_nats: "nll_sem_nats",
  perplexity: "perplexity_sem",
  next_token_accuracy_frac: "next_token_accuracy_sem",
  accuracy_frac: "accuracy_sem",
};

export function rowOfResults(
  space: Space,
  start: PointStart,
  { report, predicted_nll_nats, arch_sha256, placement_sha256 }: PointResults,
  wall_ms: number,
): PointRow {
  const fields: Fields = {
    ...start.variables,
    ...reportFields(report),
    predicted_nll_nats,
    predicted_perplexity: predicted_nll_nats === null ? null : Math.exp(predicted_nll_nats),
  };
  const objectives = objectiveFields(space.objectives, fields);
  const broken = report.feasible ? brokenConstraint(space, fields) : null;
  const error = report.feasible ? missingObjective(space.objectives, objectives) : null;
  return {
    ...identity(start),
    ...fields,
    ...objectives,
    feasible: report.feasible && broken === null && error === null,
    infeasible_reason: report.infeasible_reason ?? broken,
    error,
    arch_sha256,
    placement_sha256,
    engine: start.engine,
    wall_ms,
  } as PointRow;
}

/** A point that could not be evaluated: all results are null. */
export function rowOfError(
  space: Space,
  start: PointStart,
  error: string,
  wall_ms: number,
): PointRow {
  const nothing = Object.fromEntries(REPORT_COLUMNS.map(({ name }) => [name, null]));
  const objectives = Object.fromEntries(
    space.objectives.flatMap(({ name }) => [
      [name, null],
      [semOf(name), null],
    ]),
  );
  return {
    ...identity(start),
    ...objectives,
    ...nothing,
    ...start.variables,
    feasible: false,
    accuracy_source: "none",
    predicted_nll_nats: null,
    predicted_perplexity: null,
    error,
    arch_sha256: null,
    placement_sha256: null,
    engine: start.engine,
    wall_ms,
  } as unknown as PointRow;
}

const identity = ({ point, index, stage, level }: PointStart) => ({ point, index, stage, level });

const reportFields = (report: ReportRow): Fields =>
  Object.fromEntries(
    REPORT_COLUMNS.map(({ name }) => [name, (report as unknown as FieldValues)[name] ?? null]),
  );

function objectiveFields(objectives: readonly Objective[], fields: FieldValues): Fields {
  const values: Fields = {};
  for (const { name, expression } of objectives) {
    values[name] = numberOf(expression.evaluate(fields));
    values[semOf(name)] = standardError(expression, fields);
  }
  return values;
}

const numberOf = (value: number | boolean | null): number | null =>
  typeof value === "boolean" ? Number(value) : value;

/**
 * Standard error of an expression by the delta method: half of what it changes by between one
 * standard error below and above, summed over the fields that have one. The sum is an upper bound:
 * fields of one measurement go up and down together.
 */
function standardError({ symbols, evaluate }: Objective["expression"], fields: FieldValues) {
  let sum: number | null = null;
  for (const symbol of symbols) {
    const sem = fields[SEM_OF[symbol] ?? ""];
    const value = fields[symbol];
    if (typeof sem !== "number" || typeof value !== "number") continue;
    const high = numberOf(evaluate({ ...fields, [symbol]: value + sem }));
    const low = numberOf(evaluate({ ...fields, [symbol]: value - sem }));
    if (high !== null && low !== null) sum = (sum ?? 0) + Math.abs(high - low) / 2;
  }
  return sum;
}

function brokenConstraint({ rowConstraints }: Space, fields: FieldValues): string | null {
  const broken = rowConstraints.filter(({ evaluate }) => !isTrue(evaluate(fields)));
  return broken.length === 0 ? null : `constraint: ${broken.map(({ text }) => text).join("; ")}`;
}

function missingObjective(objectives: readonly Objective[], values: FieldValues): string | null {
  const missing = objectives.filter(({ name }) => values[name] === null);
  if (missing.length === 0) return null;
  const what = missing.map(({ expression: { text } }) => text).join(", ");
  return `no value for ${what}: a field is not evaluated, or the result is no finite number`;
}

/** Costs to be minimised; null for rows without all of them. */
export function costsOf(objectives: readonly Objective[], row: PointRow): number[] | null {
  if (!row.feasible) return null;
  const costs = objectives.map(({ name, direction }) => {
    const value = row[name];
    if (typeof value !== "number") return null;
    return direction === "minimise" ? value : -value;
  });
  return costs.every((cost) => cost !== null) ? costs : null;
}
