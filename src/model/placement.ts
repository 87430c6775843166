/** Which matrix is computed where. */
import { type Static, Type } from "typebox";
import { MODULES, PARTS } from "./matrix.ts";
import { ASSIGNMENTS, type AssignmentName } from "./run.ts";
import { count, countOrZero, name, record } from "./schema.ts";

export const TARGETS = ["digital", "analog"] as const;
export type Target = (typeof TARGETS)[number];

const numbers = (description: string) =>
  Type.Union([countOrZero(description), Type.Array(countOrZero(description), { minItems: 1 })]);

/** A rule names matrices by what they are; what it leaves out it does not ask about. */
const RuleSchema = record({
  module: Type.Optional(
    Type.Union([Type.Enum(MODULES), Type.Array(Type.Enum(MODULES), { minItems: 1 })], {
      description: "Kind of module",
    }),
  ),
  part: Type.Optional(
    Type.Union([Type.Enum(PARTS), Type.Array(Type.Enum(PARTS), { minItems: 1 })], {
      description:
        "Matrix of the module; q_a to kv_b belong to latent attention, input and recurrent to an LSTM",
    }),
  ),
  layer: Type.Optional(numbers("Layer number, from 0")),
  expert: Type.Optional(numbers("Expert number, from 0")),
  target: Type.Enum(TARGETS, { description: "Where these matrices are computed" }),
});
export type PlacementRule = Static<typeof RuleSchema>;

const ReplicasSchema = record({
  layer: countOrZero("Layer number, from 0"),
  expert: countOrZero("Expert number, from 0"),
  copies: count("Copies beside the first; tokens take turns on all of them", 4096),
});
export type ExpertReplicas = Omit<Static<typeof ReplicasSchema>, "note">;

export const PlacementFileSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("placement/1"),
  name: name("Name of the placement"),
  default: Type.Enum(TARGETS, { description: "Target of matrices that no rule names" }),
  rules: Type.Array(RuleSchema, { description: "Later rules win over earlier ones" }),
  assignment: Type.Optional(
    Type.Enum(ASSIGNMENTS, { description: "How blocks are assigned to tiles; default: the run's" }),
  ),
  replicas: Type.Optional(
    Type.Array(ReplicasSchema, {
      minItems: 1,
      description: "Further copies of hot experts, in place of the run's budget",
    }),
  ),
});
export type PlacementFile = Static<typeof PlacementFileSchema>;

/** The decision itself: one target per matrix, in the order of `weightMatrices(workload)`. */
export interface Placement {
  readonly name: string;
  readonly targets: readonly Target[];
  /** How tiles are assigned; left out: as the run says. */
  readonly assignment?: AssignmentName;
  /** Further copies of experts; left out: by the run's budget. */
  readonly replicas?: readonly ExpertReplicas[];
}
