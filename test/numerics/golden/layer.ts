/** Layers of golden cases: balanced tiles of at most so many inputs and outputs. */

import type { LayerRead } from "../../../src/numerics/periphery/layer.ts";
import type { BlockRange } from "../../../src/numerics/ranges.ts";
import { scaleBlock } from "../../../src/numerics/scaling.ts";
import type { HeldBlock } from "../../../src/numerics/write-blocks.ts";
import type { Case, Matrix } from "./golden.ts";

/** Bounds of equal parts: the first (size mod parts) are one larger. */
function bounds(size: number, max: number): [number, number][] {
  const parts = max > 0 ? Math.ceil(size / max) : 1;
  const small = Math.floor(size / parts);
  let begin = 0;
  return Array.from({ length: parts }, (_, i) => {
    const end = begin + small + (i < size % parts ? 1 : 0);
    const part: [number, number] = [begin, end];
    begin = end;
    return part;
  });
}

export function balanced(w: Matrix, maxInputs: number, maxOutputs: number): BlockRange[] {
  return bounds(w.cols, maxInputs).flatMap(([rowBegin, rowEnd]) =>
    bounds(w.rows, maxOutputs).map(([colBegin, colEnd]) => ({
      rowBegin,
      rowEnd,
      colBegin,
      colEnd,
    })),
  );
}

/** Scaled blocks of a layer, as AIHWKIT's mapping parameters say. */
export function tilesOf(w: Matrix, mapping: Case): HeldBlock[] {
  const omega = mapping.weight_scaling_omega;
  const scaling = omega > 0 ? (mapping.weight_scaling_columnwise ? "column" : "tile") : "none";
  return balanced(w, mapping.max_input_size ?? 512, mapping.max_output_size ?? 512).map(
    (block) => ({
      ...block,
      ...scaleBlock(w.values, w.cols, block, scaling, omega),
    }),
  );
}

/** All rows of x through a layer. @returns [rows][outputs] */
export function readAll(layer: LayerRead, x: Matrix): Float32Array {
  const rows = Array.from({ length: x.rows }, (_, row) =>
    layer(x.values.subarray(row * x.cols, (row + 1) * x.cols), row),
  );
  const y = new Float32Array(x.rows * rows[0]!.length);
  rows.forEach((part, row) => {
    y.set(part, row * part.length);
  });
  return y;
}
