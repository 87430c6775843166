/** Expert scores, as `ohmoe score --out` writes and `--scores` reads them. */
import { type Static, Type } from "typebox";
import { name, record } from "./schema.ts";

export const ScoresFileSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("scores/1"),
  name: name("Name of the model"),
  down_axis: Type.Enum(["row", "column"], {
    description: "Which vectors of W_down were taken as neurons by max-neuron-norm",
  }),
  scores: Type.Record(
    Type.String(),
    Type.Array(Type.Array(Type.Number(), { description: "One score per expert" }), {
      description: "One list per layer; empty where the layer has no experts",
    }),
    { description: "Scores by name" },
  ),
});
export type ScoresFile = Static<typeof ScoresFileSchema>;
