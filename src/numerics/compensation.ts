/** Drift compensation: one factor a block or a column that brings the mean output back. */

export type Compensation = "none" | "global" | "column";

/** Readouts below it are taken for it, as in AIHWKIT. */
const SMALLEST_READOUT = 1e-4;

/**
 * Mean |output| over all one-hot inputs: of each column, or of the whole block.
 *
 * With ideal converters a one-hot input reads one weight, so this is the mean of |weights|. AIHWKIT
 * reads through the block's own noisy converters; a chip averages that noise away over many reads.
 *
 * @param weights [cols][rows]
 * @returns [cols]
 * @source AIHWKIT GlobalDriftCompensation and PerColumnDriftCompensation.
 */
export function readouts(
  weights: Float32Array,
  cols: number,
  kind: "global" | "column",
): Float64Array {
  const rows = weights.length / cols;
  const means = new Float64Array(cols);
  for (let c = 0; c < cols; c++) {
    let sum = 0;
    for (let k = c * rows; k < (c + 1) * rows; k++) sum += Math.abs(weights[k]!);
    means[c] = sum / rows;
  }
  if (kind === "global") means.fill(means.reduce((a, b) => a + b, 0) / cols);
  return means.map((mean) => Math.max(SMALLEST_READOUT, mean));
}

/**
 * What outputs are multiplied by: readout right after programming over readout now.
 *
 * @param programmed [cols][rows], before any drift or read noise
 * @param aged [cols][rows], now
 * @returns [cols]
 */
export function driftFactors(
  programmed: Float32Array,
  aged: Float32Array,
  cols: number,
  kind: Compensation,
): Float64Array {
  if (kind === "none") return new Float64Array(cols).fill(1);
  const baseline = readouts(programmed, cols, kind);
  const current = readouts(aged, cols, kind);
  return baseline.map((before, c) => before / current[c]!);
}
