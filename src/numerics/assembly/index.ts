export { gemmF32, gemvF32, gemvF32Moments } from "./gemm-f32";
export { gemmInt16, gemvInt16 } from "./gemm-int16";
export { codesF32, codesInt16, magnitudes } from "./inputs";
export { finishRows } from "./outputs";
export { allFinite, packPanelF32, packPanelInt16 } from "./pack";
export { normals } from "./random";

/** First address that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
