/** Order statistics without sorting: linear in the number of values. */

/** Bits of a float32 that pick the first bin: sign, exponent and 7 bits of the mantissa. */
const BIN_SHIFT = 16;
const BINS = 1 << 16;

/**
 * Quantile of |x| with linear interpolation between order statistics.
 *
 * @param values not empty, finite
 */
export function quantileOfMagnitudes(values: Float32Array, share: number): number {
  const place = share * (values.length - 1);
  const below = Math.floor(place);
  const low = magnitudeOfRank(values, below);
  if (place === below) return low;
  return low + (magnitudeOfRank(values, below + 1) - low) * (place - below);
}

/**
 * The rank-th smallest |x|, from 0.
 *
 * Bits of floats >= 0 rise with their value: a histogram of the leading bits finds the bin of the
 * wanted one, and only what is in that bin is sorted.
 */
function magnitudeOfRank(values: Float32Array, rank: number): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Int32Array(BINS);
  for (let i = 0; i < bits.length; i++) {
    const bin = (bits[i]! & 0x7fffffff) >> BIN_SHIFT;
    counts[bin] = counts[bin]! + 1;
  }
  let bin = 0;
  let before = 0;
  while (before + counts[bin]! <= rank) before += counts[bin++]!;
  const inBin = new Float32Array(counts[bin]!);
  let kept = 0;
  for (let i = 0; i < bits.length; i++)
    if ((bits[i]! & 0x7fffffff) >> BIN_SHIFT === bin) inBin[kept++] = Math.abs(values[i]!);
  return inBin.sort()[rank - before]!;
}
