import type { VectorKernels } from "../numerics/engine.ts";
import { addTo, addWeighted, swiglu } from "./elementwise.ts";
import { klDivergence, logSumExp } from "./log-probabilities.ts";
import { rmsNorm } from "./rms-norm.ts";

/** In TypeScript: the definition, and what runs where the engine has none. */
export const PLAIN_VECTORS: VectorKernels = {
  ...{ rmsNorm, addTo, swiglu, addWeighted },
  ...{ logSumExp, klDivergence },
};
