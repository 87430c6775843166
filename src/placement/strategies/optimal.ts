import { ALWAYS_DIGITAL } from "../../model/matrix.ts";
import { describeChoice, type MatrixChoice, protectMatrices } from "../by-rise.ts";
import type { PlacementProblem, PlacementStrategy } from "../strategy.ts";

/** Every matrix that may be analog is a candidate. */
const choose = (problem: PlacementProblem): MatrixChoice =>
  protectMatrices(problem, ({ module }) => !ALWAYS_DIGITAL.includes(module), "digital");

/** The least predicted loss for a share of the weights: attention, LM head and experts alike. */
export const optimal: PlacementStrategy = {
  summary: "single matrices of the whole model digital, so that the predicted loss rises least",
  needs: ["predicted-rise"],
  takesFraction: true,
  fractionOf: "the weights of all matrices (embedding and router left out) that may be digital",
  place: (problem) => choose(problem).targets,
  explain: (problem) => describeChoice(choose(problem)),
};
