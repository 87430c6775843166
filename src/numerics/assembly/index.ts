export { gemmF32, gemvF32 } from "./gemm-f32";
export { allFinite, packPanelF32 } from "./pack";
export { normals } from "./random";

/** First address that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
