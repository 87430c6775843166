export { causalAttention } from "./attention";
// The tiles are exported only so that the optimizer does not inline them: inlined, they spill.
export { gemmF32, gemvF32, gemvF32Moments, packTilesF32, tile5x8F32 } from "./gemm-f32";
export { gemmInt16, gemvInt16, tile5x8 } from "./gemm-int16";
export { codesF32, codesInt16, magnitudes } from "./inputs";
export { finishRows } from "./outputs";
export { allFinite, packPanelF32, packPanelInt16 } from "./pack";
export { programPairs } from "./program";
export { normals } from "./random";
export { addTo, addWeighted, divergence, largestOf, rmsNorm, sumOfExps, swiglu } from "./vectors";

/** First address that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
