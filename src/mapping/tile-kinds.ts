import type { Mapping } from "./mapping.ts";

/** Kind of tile of each matrix, -1 for digital ones. [matrices] */
export function matrixTileKinds({ blockBegin, tileKind }: Mapping): Int32Array {
  return Int32Array.from({ length: blockBegin.length - 1 }, (_, matrix) => {
    const begin = blockBegin[matrix]!;
    return begin === blockBegin[matrix + 1]! ? -1 : tileKind[begin]!;
  });
}
