/** Which positions a window covers. */
import type { FieldShape } from "../../model/network-shapes.ts";

/** A square window that steps over a field. */
export interface Window {
  readonly side: number;
  readonly stride: number;
  readonly padding: number;
}

/**
 * Positions of the field within the window of one output position; padding has none.
 *
 * @param outputCols columns of the output
 */
export function coveredPositions(
  { rows, cols }: FieldShape,
  { side, stride, padding }: Window,
  outputCols: number,
  position: number,
): readonly number[] {
  const top = Math.floor(position / outputCols) * stride - padding;
  const left = (position % outputCols) * stride - padding;
  const covered: number[] = [];
  for (let y = Math.max(0, top); y < Math.min(rows, top + side); y++)
    for (let x = Math.max(0, left); x < Math.min(cols, left + side); x++)
      covered.push(y * cols + x);
  return covered;
}
