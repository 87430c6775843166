export { causalAttention } from "./attention";
export { gemmF32, gemvF32, gemvF32Moments } from "./gemm-f32";
// tile5x8 is exported only so that the optimizer does not inline it: inlined, it spills registers.
export { gemmInt16, gemvInt16, tile5x8 } from "./gemm-int16";
export { codesF32, codesInt16, magnitudes } from "./inputs";
export { finishRows } from "./outputs";
export { allFinite, packPanelF32, packPanelInt16 } from "./pack";
export { normals } from "./random";

/** First address that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
