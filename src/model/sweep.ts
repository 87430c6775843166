/** A design space, as `sweep/1` files describe it. */
import { type Static, Type } from "typebox";
import { LEVELS } from "./run.ts";
import { count, name, oneOfKinds, record } from "./schema.ts";

const pointer = Type.String({
  pattern: "^/arch(/|$)|^/run/|^/placement(/strategy|/fraction)?$",
  description:
    "JSON pointer into { arch, run, placement }; `/arch` itself takes paths and preset names, `/placement/strategy` and `/placement/fraction` the parts of NAME:FRACTION",
});

const identifier = (description: string) =>
  Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$", maxLength: 60, description });

const VARIABLE_NAME =
  "Name in expressions, in the database and in reports; left out: the last word of the pointer";
const LABELS = "How values are shown, one each; needed where values are no distinct scalars";

const Named = { name: Type.Optional(identifier(VARIABLE_NAME)) };

const Labels = {
  labels: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { description: LABELS }),
  ),
};

const Range = {
  first: Type.Number({ description: "First value" }),
  last: Type.Number({ description: "Last value, included when a step meets it" }),
};

const VariableSchema = oneOfKinds(
  record({
    kind: Type.Literal("list"),
    ...Named,
    pointer,
    values: Type.Array(Type.Unknown(), {
      minItems: 1,
      maxItems: 1e5,
      description: "Values, in this order",
    }),
    ...Labels,
  }),
  record({
    kind: Type.Literal("linear"),
    ...Named,
    pointer,
    ...Range,
    step: Type.Number({ exclusiveMinimum: 0, description: "Distance of neighbours" }),
  }),
  record({
    kind: Type.Literal("log"),
    ...Named,
    pointer,
    ...Range,
    points: count("Values, evenly spaced in the logarithm", 1e5),
    whole: Type.Optional(
      Type.Boolean({ description: "Rounds to whole numbers; equal ones are one value" }),
    ),
  }),
  record({
    kind: Type.Literal("linked"),
    ...Named,
    pointers: Type.Array(pointer, { minItems: 2, description: "Fields that change together" }),
    values: Type.Array(Type.Array(Type.Unknown(), { minItems: 2 }), {
      minItems: 1,
      maxItems: 1e5,
      description: "One list per step, with one value per pointer; shown as the first of them",
    }),
    ...Labels,
  }),
);
export type SweepVariable = Static<typeof VariableSchema>;

export const DIRECTIONS = ["minimise", "maximise"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Where the accuracy of a point comes from: nowhere, the surrogate, or the noisy model itself. */
export const ACCURACY_SOURCES = ["none", "predicted", "measured"] as const;
export type AccuracySource = (typeof ACCURACY_SOURCES)[number];

const accuracy = Type.Enum(ACCURACY_SOURCES, {
  description: "Where the accuracy comes from; none without a checkpoint",
});

const SearchSchema = oneOfKinds(
  record({ kind: Type.Literal("full") }),
  record({
    kind: Type.Literal("latin-hypercube"),
    points: count("Samples; equal points count once", 1e7),
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
  }),
  record({ kind: Type.Literal("sobol"), points: count("Samples; equal points count once", 1e7) }),
  record({
    kind: Type.Literal("nsga2"),
    population: Type.Integer({ minimum: 4, maximum: 10_000, description: "Points per generation" }),
    generations: count("Generations after the first", 100_000),
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
  }),
);
export type SweepSearch = Static<typeof SearchSchema>;

export const SweepSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("sweep/1"),
  name: name("Name of the space"),
  base: record({
    arch: name("Path, relative to this file, or preset name"),
    workload: Type.Optional(name("Path, relative to this file, or preset name")),
    checkpoint: Type.Optional(
      name("Folder, relative to this file, or name of a shipped checkpoint"),
    ),
    placements: Type.Array(name("Placement as on the command line"), {
      minItems: 1,
      description: "More than one: a variable of its own, `placement`",
    }),
    run: Type.Record(Type.String(), Type.Unknown(), {
      description:
        "Options of `ohmoe compare` by name, for example batch, routing, seeds, noise_scale",
    }),
  }),
  variables: Type.Array(VariableSchema, { minItems: 1, maxItems: 64 }),
  constraints: Type.Optional(
    Type.Array(name("Expression"), {
      description:
        "mathjs expressions that have to be true: of variables, then other points do not exist; of report fields too, then they are infeasible",
    }),
  ),
  objectives: Type.Array(
    record({
      name: Type.Optional(
        identifier("Name in the database; left out: the expression, where it is one field"),
      ),
      expression: name("Report field, or mathjs expression of report fields and variables"),
      direction: Type.Enum(DIRECTIONS),
    }),
    { minItems: 1, maxItems: 8 },
  ),
  search: Type.Optional(SearchSchema),
  screening: record({
    level: Type.Enum(LEVELS, { description: "Timing level of all points" }),
    accuracy,
  }),
  survivors: Type.Optional(
    record({
      level: Type.Enum(LEVELS, { description: "Timing level of the survivors" }),
      accuracy,
      points: count("Best points by rank, then by crowding distance", 1e5),
    }),
  ),
});
export type Sweep = Static<typeof SweepSchema>;
export type SweepStage = "screening" | "survivor";
