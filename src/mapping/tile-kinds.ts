import type { Mapping } from "./mapping.ts";

/** Kind of tile of each matrix, -1 for digital ones. [matrices] */
export function matrixTileKinds({ tileKind }: Mapping): Int32Array {
  return tileKind;
}
