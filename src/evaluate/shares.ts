import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";

/** Shares of parameters that are computed digitally. */
export interface DigitalShares {
  /** Of all weight matrices but embedding and router. */
  readonly parameters_frac: number;
  /** Of the routed experts. */
  readonly experts_frac: number;
}

/**
 * Embedding, router and norms are left out on both sides of the first share: they are digital in
 * every placement.
 */
export function digitalShares(
  matrices: readonly WeightMatrix[],
  placement: Placement,
): DigitalShares {
  const share = (counted: (matrix: WeightMatrix) => boolean): number => {
    let all = 0;
    let digital = 0;
    for (const matrix of matrices) {
      if (!counted(matrix)) continue;
      const weights = matrix.inputs * matrix.outputs;
      all += weights;
      if (placement.targets[matrix.id] === "digital") digital += weights;
    }
    return all === 0 ? 0 : digital / all;
  };
  return {
    parameters_frac: share(({ module }) => module !== "embedding" && module !== "router"),
    experts_frac: share(({ module }) => module === "expert"),
  };
}
