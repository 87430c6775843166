import { isDenselyUsed } from "../protect.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** What every token uses is digital, all routed experts are analog. */
export const denseDigital: PlacementStrategy = {
  summary: "attention, LM head, shared experts and dense layers digital; routed experts analog",
  needs: [],
  takesFraction: false,
  place: ({ matrices }) => matrices.map((matrix) => (isDenselyUsed(matrix) ? "digital" : "analog")),
};
