/** From rows to what an exploration found: one pass over the journal, a bounded number of rows kept. */
import type {
  Exploration,
  ExplorationFrontPoint,
  ExplorationHypervolume,
  ExplorationPlotPoint,
} from "../model/exploration.ts";
import { boundingBox, hypervolumeTrace } from "./hypervolume.ts";
import { withinNoiseOf } from "./noise.ts";
import { paretoFront } from "./pareto.ts";
import { type PointRow, rowKey, semOf } from "./row.ts";
import type { Space } from "./space.ts";
import type { Failure, StageTally } from "./tally.ts";

/** Screened points that are kept for plots. */
const MOST_PLOTTED = 1000;
/** Points of the curve of the hypervolume. */
const TRACE_STEPS = 40;

export interface ExplorationParts {
  readonly version: string;
  readonly space_sha256: string;
  readonly inputs: Exploration["inputs"];
  readonly screening: StageTally;
  readonly survivors: StageTally;
  readonly failures: { readonly total: () => number; readonly failures: () => readonly Failure[] };
  /** Reads all rows once more. */
  readonly rows: () => Iterable<PointRow>;
  readonly notes: readonly string[];
}

export function buildExploration(space: Space, parts: ExplorationParts): Exploration {
  const { screening, survivors, failures } = parts;
  const screened = screening.sorted();
  const exact = survivors.sorted();
  const isExact = exact.indices.length > 0;
  const stage = isExact ? "survivor" : "screening";
  const { matrix, indices } = isExact ? exact : screened;
  const frontIndices = paretoFront(matrix, [...indices.keys()]).map((row) => indices[row]!);
  const plotted = sample(screened.all, MOST_PLOTTED);
  const wanted = new Set([
    ...[...exact.all].map((index) => rowKey({ stage: "survivor", index })),
    ...plotted.map((index) => rowKey({ stage: "screening", index })),
    ...frontIndices.map((index) => rowKey({ stage, index })),
  ]);
  const kept = collect(parts.rows(), wanted);
  const rowsOf = (of: PointRow["stage"], which: Iterable<number>): PointRow[] =>
    [...which].flatMap((index) => kept.get(rowKey({ stage: of, index })) ?? []);
  const frontRows = rowsOf(stage, frontIndices);
  const rivals = isExact ? rowsOf("survivor", exact.indices) : frontRows;
  const onFront = new Set(frontIndices);
  return {
    schema: "exploration/1",
    version: parts.version,
    name: space.name,
    space_sha256: parts.space_sha256,
    inputs: parts.inputs,
    search: { ...space.search },
    screening: { level: space.screening.level, accuracy: space.screening.accuracy },
    survivors: space.survivors && {
      level: space.survivors.level,
      accuracy: space.survivors.accuracy,
      points: space.survivors.points,
    },
    variables: space.variables.map(({ name, pointers, values }) => ({
      name,
      pointers: [...pointers],
      values: [...values],
    })),
    objectives: space.objectives.map(({ name, expression, direction }) => ({
      name,
      expression: expression.text,
      direction,
    })),
    counts: {
      combinations_count: space.combinations,
      screened_points: screening.count(),
      survivor_points: survivors.count(),
      infeasible_points: screening.infeasible(),
      failed_points: failures.total(),
      front_points: frontIndices.length,
    },
    front: frontRows.map((row) => frontPoint(space, row, rivals)),
    points: [...rowsOf("survivor", exact.all), ...rowsOf("screening", plotted)].map((row) =>
      plotPoint(space, row, row.stage === stage && onFront.has(row.index)),
    ),
    hypervolume: hypervolumeOf(space, screened),
    failures: failures.failures().map((failure) => ({ ...failure })),
    predictions: rowsOf("survivor", exact.all).flatMap(prediction),
    notes: [...parts.notes],
  };
}

/** Evenly spread values of a list; all of a short one. */
function sample(values: Float64Array, most: number): number[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)]!);
}

function collect(rows: Iterable<PointRow>, wanted: ReadonlySet<string>): Map<string, PointRow> {
  const kept = new Map<string, PointRow>();
  for (const row of rows) if (wanted.has(rowKey(row))) kept.set(rowKey(row), row);
  return kept;
}

const variablesOf = ({ variables }: Space, row: PointRow) =>
  Object.fromEntries(variables.map(({ name }) => [name, row[name] ?? null]));

const numberIn = (row: PointRow, name: string): number | null => {
  const value = row[name];
  return typeof value === "number" ? value : null;
};

const objectivesOf = ({ objectives }: Space, row: PointRow, field: (name: string) => string) =>
  Object.fromEntries(objectives.map(({ name }) => [name, numberIn(row, field(name))]));

function frontPoint(
  space: Space,
  row: PointRow,
  rivals: readonly PointRow[],
): ExplorationFrontPoint {
  const { wall_ms: _, ...fields } = row;
  return {
    point: row.point,
    index: row.index,
    stage: row.stage,
    variables: variablesOf(space, row),
    objectives: objectivesOf(space, row, (name) => name),
    objectives_sem: objectivesOf(space, row, semOf),
    within_noise_of: withinNoiseOf(space.objectives, row, rivals),
    row: fields,
  };
}

const plotPoint = (space: Space, row: PointRow, on_front: boolean): ExplorationPlotPoint => ({
  index: row.index,
  stage: row.stage,
  variables: variablesOf(space, row),
  objectives: objectivesOf(space, row, (name) => name),
  feasible: row.feasible,
  on_front,
});

/** Over the screened points in the order of the search, in the box that holds them all. */
function hypervolumeOf(
  { objectives }: Space,
  { matrix, indices, all }: ReturnType<StageTally["sorted"]>,
): ExplorationHypervolume | null {
  const box = boundingBox(matrix, [...indices.keys()]);
  if (box === null) return null;
  let row = 0;
  const rowOf = (evaluation: number): number | null =>
    indices[row] === all[evaluation] ? row++ : null;
  const signed = (costs: readonly number[]): number[] =>
    costs.map((cost, o) => (objectives[o]!.direction === "minimise" ? cost : 0 - cost));
  return {
    best: signed(box.best),
    worst: signed(box.worst),
    trace: hypervolumeTrace(matrix, all.length, rowOf, box, TRACE_STEPS).map(
      ({ evaluations, volume_frac }) => ({
        evaluations_count: evaluations,
        hypervolume_frac: volume_frac,
      }),
    ),
  };
}

function prediction(row: PointRow): Exploration["predictions"] {
  const { predicted_nll_nats, nll_nats, accuracy_source } = row;
  if (predicted_nll_nats === null || nll_nats === null || accuracy_source !== "measured") return [];
  return [
    {
      index: row.index,
      predicted_nll_nats,
      measured_nll_nats: nll_nats,
      measured_nll_sem_nats: row.nll_sem_nats,
    },
  ];
}
