import { ALWAYS_DIGITAL } from "../../model/matrix.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** Everything that may be analog is; router, embedding and norms never are. */
export const allAnalog: PlacementStrategy = {
  summary: "every matrix on crossbars, except router and embedding",
  needs: [],
  takesFraction: false,
  place: ({ matrices }) =>
    matrices.map(({ module }) => (ALWAYS_DIGITAL.includes(module) ? "digital" : "analog")),
};
