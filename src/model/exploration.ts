/** What an exploration found: `exploration.json`, the value that summaries and pages are made from. */
import { type Static, type TSchema, Type } from "typebox";
import { LEVELS } from "./run.ts";
import { record } from "./schema.ts";
import { ACCURACY_SOURCES, DIRECTIONS } from "./sweep.ts";

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = (description: string) => Type.String({ description });
const number = (description: string) => Type.Number({ description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });

const scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

/** Values by variable name. */
const valuesByName = Type.Record(Type.String(), scalar);
/** Numbers by objective name. */
const numbersByName = Type.Record(Type.String(), orNull(Type.Number()));

const VariableSchema = record({
  name: Type.String(),
  pointers: Type.Array(Type.String()),
  values: Type.Array(scalar, { description: "In the order of the space file" }),
});
export type ExplorationVariable = Omit<Static<typeof VariableSchema>, "note">;

const ObjectiveSchema = record({
  name: Type.String(),
  expression: Type.String(),
  direction: Type.Enum(DIRECTIONS),
});
export type ExplorationObjective = Omit<Static<typeof ObjectiveSchema>, "note">;

/** One point of the front, at the most exact stage there is. */
const FrontPointSchema = record({
  point: text("Hash of the resolved point"),
  index: whole("Number of the point in the search"),
  stage: Type.Enum(["screening", "survivor"]),
  variables: valuesByName,
  objectives: numbersByName,
  objectives_sem: Type.Record(Type.String(), orNull(Type.Number()), {
    description: "Standard errors over noise seeds; null for what has none",
  }),
  within_noise_of: Type.Array(Type.Integer(), {
    description: "Index of points that may dominate this one: its lead over them is within noise",
  }),
  row: Type.Record(Type.String(), scalar, { description: "The whole row of the database" }),
});
export type ExplorationFrontPoint = Omit<Static<typeof FrontPointSchema>, "note">;

/** One evaluated point, for plots. */
const PlotPointSchema = record({
  index: whole("Number of the point in the search"),
  stage: Type.Enum(["screening", "survivor"]),
  variables: valuesByName,
  objectives: numbersByName,
  feasible: Type.Boolean(),
  on_front: Type.Boolean(),
});
export type ExplorationPlotPoint = Omit<Static<typeof PlotPointSchema>, "note">;

const HypervolumeSchema = record({
  best: Type.Array(Type.Number(), {
    description: "Best value of each objective, as the volume sees it",
  }),
  worst: Type.Array(Type.Number(), { description: "The reference point: worst value of each" }),
  trace: Type.Array(
    record({
      evaluations_count: whole("Screened points, in the order of the search"),
      hypervolume_frac: number("Dominated share of the box between best and worst"),
    }),
  ),
});
export type ExplorationHypervolume = Static<typeof HypervolumeSchema>;

export const ExplorationSchema = record({
  schema: Type.Literal("exploration/1"),
  version: text("Version of the program"),
  name: text("Name of the space"),
  space_sha256: text("Of the space with its resolved inputs"),
  inputs: record({
    arch: record({ name: Type.String(), sha256: Type.String() }),
    workload: record({ name: Type.String(), sha256: Type.String() }),
    checkpoint: orNull(record({ name: Type.String(), sha256: Type.String() })),
    text: orNull(record({ name: Type.String(), sha256: Type.String() })),
  }),
  search: Type.Record(Type.String(), scalar, { description: "Kind and settings of the search" }),
  screening: record({
    level: Type.Enum(LEVELS),
    accuracy: Type.Enum(ACCURACY_SOURCES),
  }),
  survivors: orNull(
    record({
      level: Type.Enum(LEVELS),
      accuracy: Type.Enum(ACCURACY_SOURCES),
      points: whole("Asked for"),
    }),
  ),
  variables: Type.Array(VariableSchema),
  objectives: Type.Array(ObjectiveSchema),
  counts: record({
    combinations_count: number("All combinations of values"),
    screened_points: whole("Evaluated at the screening level"),
    survivor_points: whole("Evaluated again at the survivors' level"),
    infeasible_points: whole("Screened points that cannot run or break a constraint"),
    failed_points: whole("Rows with an error, both stages"),
    front_points: whole("Points of the front"),
  }),
  front: Type.Array(FrontPointSchema),
  points: Type.Array(PlotPointSchema, {
    description: "Survivors, and an even sample of the screened points",
  }),
  hypervolume: orNull(HypervolumeSchema),
  failures: Type.Array(
    record({
      error: Type.String(),
      rows_count: whole("Rows with this error"),
      example_index: whole("Number of one such point"),
    }),
  ),
  predictions: Type.Array(
    record({
      index: whole("Number of the point in the search"),
      predicted_nll_nats: number("Screening: the surrogate"),
      measured_nll_nats: number("Survivor: the noisy model"),
      measured_nll_sem_nats: orNull(Type.Number()),
    }),
    { description: "Survivors with both figures" },
  ),
  notes: Type.Array(Type.String()),
});
export type Exploration = Omit<
  Static<typeof ExplorationSchema>,
  "note" | "variables" | "objectives" | "front" | "points"
> & {
  variables: ExplorationVariable[];
  objectives: ExplorationObjective[];
  front: ExplorationFrontPoint[];
  points: ExplorationPlotPoint[];
};
