import { describeChoice, type MatrixChoice, protectMatrices } from "../by-rise.ts";
import type { PlacementProblem, PlacementStrategy } from "../strategy.ts";

/** Gate, up and down of every routed expert are candidates of their own. */
const choose = (problem: PlacementProblem): MatrixChoice =>
  protectMatrices(problem, ({ module }) => module === "expert", "digital");

/** What every token uses digital, and the expert matrices whose errors cost most. */
export const fisherMatrices: PlacementStrategy = {
  summary: "single expert matrices with the largest predicted loss rise digital",
  needs: ["predicted-rise"],
  takesFraction: true,
  fractionOf: "the weights of all routed experts that may be digital",
  place: (problem) => choose(problem).targets,
  explain: (problem) => describeChoice(choose(problem)),
};
