/** Magnitudes on single devices, signs kept digitally, rows calibrated on read-back. */
import { type Conductances, type Converter, SMALLEST_WEIGHT } from "./converter.ts";

/**
 * |w| of a row over its maximum becomes g / g_max. On the way back each row's magnitudes are fitted
 * as a straight line through (read conductance, target magnitude), which takes out what all
 * devices of a row have in common: drift, offsets.
 *
 * @param gMax_uS 10 to 40
 * @source AIHWKIT FusionConductanceConverter.
 */
export function fusionConverter(gMax_uS = 40): Converter {
  return {
    toConductances: (weights, rows) => {
      const cols = weights.length / rows;
      const scale = Float32Array.from({ length: rows }, (_, row) => {
        const part = weights.subarray(row * cols, (row + 1) * cols);
        return gMax_uS / part.reduce((max, w) => Math.max(max, Math.abs(w)), SMALLEST_WEIGHT);
      });
      const slice = weights.map((w, i) => Math.abs(w) * scale[Math.floor(i / cols)]!);
      return { slices: [slice], scale, memory: weights.slice() };
    },
    toWeights: (conductances) => {
      const out = new Float32Array(conductances.memory.length);
      for (let row = 0; row < conductances.scale.length; row++) readRow(conductances, row, out);
      return out;
    },
  };
}

function readRow({ slices, scale, memory }: Conductances, row: number, out: Float32Array): void {
  const cols = memory.length / scale.length;
  const begin = row * cols;
  const g = slices[0]!.subarray(begin, begin + cols);
  const targets = memory.subarray(begin, begin + cols).map(Math.abs);
  const { slope, offset } = fitLine(g, targets, 1 / scale[row]!);
  for (let i = 0; i < cols; i++)
    out[begin + i] = Math.sign(memory[begin + i]!) * (slope * g[i]! + offset);
}

/** Least squares y = slope x + offset; the given slope if all x are equal. */
function fitLine(x: Float32Array, y: Float32Array, fallback: number) {
  const n = x.length;
  const meanX = x.reduce((a, b) => a + b, 0) / n;
  const meanY = y.reduce((a, b) => a + b, 0) / n;
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - meanX) ** 2;
    xy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = xx > 0 ? xy / xx : fallback;
  return { slope, offset: meanY - slope * meanX };
}
