/** A design space, as `sweep/1` files describe it. */
import { type Static, Type } from "typebox";
import { LEVELS } from "./run.ts";
import { count, name, oneOfKinds, record } from "./schema.ts";

const pointer = Type.String({
  pattern: "^/(arch|run)(/|$)|^/placement$",
  description: "JSON pointer into { arch, run, placement }",
});

const Range = {
  first: Type.Number({ description: "First value" }),
  last: Type.Number({ description: "Last value, included when a step meets it" }),
};

const VariableSchema = oneOfKinds(
  record({
    kind: Type.Literal("list"),
    pointer,
    values: Type.Array(Type.Unknown(), { minItems: 1, description: "Values, tried in this order" }),
  }),
  record({
    kind: Type.Literal("linear"),
    pointer,
    ...Range,
    step: Type.Number({ exclusiveMinimum: 0, description: "Distance of neighbours" }),
  }),
  record({
    kind: Type.Literal("log"),
    pointer,
    ...Range,
    points: count("Values, evenly spaced in the logarithm", 1e6),
  }),
  record({
    kind: Type.Literal("linked"),
    pointers: Type.Array(pointer, { minItems: 2, description: "Fields that change together" }),
    values: Type.Array(Type.Array(Type.Unknown(), { minItems: 2 }), {
      minItems: 1,
      description: "One value per pointer and step",
    }),
  }),
);

export const SweepSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("sweep/1"),
  name: name("Name of the space"),
  base: record({
    arch: name("Path or preset name"),
    workload: Type.Optional(name("Path or preset name")),
    checkpoint: Type.Optional(name("Folder or name of a shipped checkpoint")),
    placements: Type.Array(name("Placement as on the command line"), { minItems: 1 }),
    run: Type.Record(Type.String(), Type.Unknown(), { description: "Options of `ohmoe compare`" }),
  }),
  variables: Type.Array(VariableSchema, { minItems: 1 }),
  constraints: Type.Array(Type.String(), {
    description:
      "mathjs expressions of variables and report fields; a point is kept when all are true",
  }),
  objectives: Type.Array(
    record({
      expression: name("Report field or mathjs expression of report fields"),
      direction: Type.Enum(["minimise", "maximise"]),
    }),
    { minItems: 1 },
  ),
  screening_level: Type.Enum(LEVELS),
  survivor_level: Type.Enum(LEVELS),
});
export type Sweep = Static<typeof SweepSchema>;
