import type { PlacementStrategy } from "../strategy.ts";

/** The baseline: no analog error, no analog saving. */
export const allDigital: PlacementStrategy = {
  summary: "every matrix on digital cores",
  needs: [],
  takesFraction: false,
  place: ({ matrices }) => matrices.map(() => "digital"),
};
