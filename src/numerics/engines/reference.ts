/**
 * The engine that defines the results: float32, plain loops.
 *
 * Every product and every sum is rounded to float32, and sums run over inputs in rising order, so
 * that an engine whose SIMD lanes run over outputs can be equal bit for bit.
 */

import { fillNormals } from "../../random/philox.ts";
import type { AnalogBlock, AnalogMatrix, Engine, Periphery, Projection } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { lostShare, placeWeight } from "../periphery/ir-drop.ts";
import { clip, codeOf } from "../quantise.ts";

export { placeWeight };

const f32 = Math.fround;

/** Smallest normal float32: below it a range has no finite inverse, and its inputs count as 0. */
export const SMALLEST_RANGE = 2 ** -126;

export function createReferenceEngine(): Engine {
  return { name: "reference", digital, analog };
}

function digital(weights: Float32Array, outputs: number, inputs: number): Projection {
  requireLength(weights, outputs * inputs, "weights");
  requireFinite(weights, "weight", inputs);
  return {
    inputs,
    outputs,
    apply: (x, rows, _rowIds, y) => {
      requireBatch(x, rows, inputs, y, outputs);
      for (let row = 0; row < rows; row++) {
        for (let output = 0; output < outputs; output++) {
          let sum = 0;
          const w = output * inputs;
          const v = row * inputs;
          for (let k = 0; k < inputs; k++) sum = f32(sum + f32(x[v + k]! * weights[w + k]!));
          y[row * outputs + output] = sum;
        }
      }
    },
  };
}

/**
 * A matrix as crossbars compute it.
 *
 * Of each block in turn: inputs to DAC codes, analog sum, IR drop, noise, ADC codes, scaling; the
 * results of the blocks are added up in the order of `matrix.blocks`.
 */
function analog(matrix: AnalogMatrix): Projection {
  const { inputs, outputs } = matrix;
  for (const block of matrix.blocks) requireBlock(block, matrix);
  const reads = matrix.blocks.map((block, index) => createBlockRead(matrix, block, index));
  return {
    inputs,
    outputs,
    apply: (x, rows, rowIds, y) => {
      requireBatch(x, rows, inputs, y, outputs);
      if (rowIds.length < rows) throw new Error(`${rows} rows need ${rows} row ids`);
      y.fill(0, 0, rows * outputs);
      for (const read of reads)
        for (let row = 0; row < rows; row++)
          read(x.subarray(row * inputs, (row + 1) * inputs), rowIds[row]!, y, row * outputs);
    },
  };
}

/** Reads one vector through a block and adds the result to y[at + column]. */
type BlockRead = (x: Float32Array, rowId: number, y: Float32Array, at: number) => void;

function createBlockRead(matrix: AnalogMatrix, block: AnalogBlock, index: number): BlockRead {
  const { periphery } = matrix;
  const codes = new Float32Array(block.rowEnd - block.rowBegin);
  const sums = new Float32Array(block.colEnd - block.colBegin);
  const sigma = new Float32Array(sums.length);
  const normals = new Float32Array(sums.length);
  const noisy = periphery.outputNoise > 0 || periphery.readNoise > 0;
  return (x, rowId, y, at) => {
    const range = block.inputRange > 0 ? f32(block.inputRange) : largest(x, block);
    if (range < SMALLEST_RANGE) return;
    const step = toCodes(x, block, range, periphery.inputLevels, codes);
    multiply(block.weights, codes, step, sums);
    if (periphery.irDrop > 0) dropIr(block.weights, codes, step, periphery, sums);
    if (noisy) {
      noiseSigma(block.weights, codes, step, periphery, sigma);
      const { seed, matrix: id } = matrix;
      fillNormals(normals, { seed, matrix: id, block: index, purpose: "output", row: rowId });
      for (let c = 0; c < sums.length; c++) sums[c] = sums[c]! + f32(sigma[c]! * normals[c]!);
    }
    convert(sums, periphery);
    for (let c = 0; c < sums.length; c++) {
      const out = at + block.colBegin + c;
      y[out] = y[out]! + f32(f32(sums[c]! * range) * block.scale[c]!);
    }
  };
}

/** Largest |x| that the block sees: the range of its inputs when none is fixed. */
function largest(x: Float32Array, { rowBegin, rowEnd }: AnalogBlock): number {
  let max = 0;
  for (let k = rowBegin; k < rowEnd; k++) max = Math.max(max, Math.abs(x[k]!));
  return max;
}

/**
 * Inputs as whole-number DAC codes (as float32); without rounding, as values within -1..1.
 *
 * @returns what one code is worth, in units of the range
 */
function toCodes(
  x: Float32Array,
  { rowBegin }: AnalogBlock,
  range: number,
  levels: number,
  codes: Float32Array,
): number {
  const inverse = f32(1 / range);
  for (let k = 0; k < codes.length; k++) {
    const value = f32(x[rowBegin + k]! * inverse);
    codes[k] = levels > 0 ? codeOf(f32(value * levels), levels) : clip(value, 1);
  }
  return levels > 0 ? f32(1 / levels) : 1;
}

/** sums[c] = step * sum over k of weights[c][k] * codes[k]. */
function multiply(
  weights: Float32Array,
  codes: Float32Array,
  step: number,
  sums: Float32Array,
): void {
  const rows = codes.length;
  for (let c = 0; c < sums.length; c++) {
    let sum = 0;
    for (let k = 0; k < rows; k++) sum = f32(sum + f32(codes[k]! * weights[c * rows + k]!));
    sums[c] = sum * step;
  }
}

/** y -= drop * lost share * sum of w v by place; `../periphery/ir-drop.ts` has the formula. */
function dropIr(
  weights: Float32Array,
  codes: Float32Array,
  step: number,
  { irDrop, irDropConductanceRatio }: Periphery,
  sums: Float32Array,
): void {
  const rows = codes.length;
  const perCurrent = f32(f32(rows / irDropConductanceRatio) * step);
  for (let c = 0; c < sums.length; c++) {
    let current = 0;
    let placed = 0;
    for (let k = 0; k < rows; k++) {
      const product = f32(codes[k]! * weights[c * rows + k]!);
      current = f32(current + Math.abs(product));
      placed = f32(placed + f32(product * placeWeight(k, rows)));
    }
    const a = f32(current * perCurrent);
    sums[c] = sums[c]! - f32(f32(lostShare(a) * f32(irDrop)) * f32(placed * step));
  }
}

/**
 * Standard deviation of all Gaussian noise before the ADC: output noise, and read noise of the
 * weights readNoise * sqrt(sum |w| v^2) referred to the output. Independent Gaussians add up to
 * one Gaussian, so one normal number a column serves both.
 */
function noiseSigma(
  weights: Float32Array,
  codes: Float32Array,
  step: number,
  { outputNoise, readNoise }: Periphery,
  sigma: Float32Array,
): void {
  sigma.fill(outputNoise);
  if (readNoise === 0) return;
  const rows = codes.length;
  const perEnergy = f32(f32(f32(readNoise) * step) * f32(f32(readNoise) * step));
  const constant = f32(f32(outputNoise) * f32(outputNoise));
  for (let c = 0; c < sigma.length; c++) {
    let energy = 0;
    for (let k = 0; k < rows; k++)
      energy = f32(energy + f32(f32(codes[k]! * codes[k]!) * Math.abs(weights[c * rows + k]!)));
    sigma[c] = Math.sqrt(f32(f32(energy * perEnergy) + constant));
  }
}

/** ADC: values to the nearest code, clipped, back to values. */
function convert(sums: Float32Array, { outputLevels, outputBound }: Periphery): void {
  if (outputBound === 0) return;
  const bound = f32(outputBound);
  const perUnit = f32(outputLevels / bound);
  const step = f32(bound / outputLevels);
  for (let c = 0; c < sums.length; c++)
    sums[c] =
      outputLevels > 0
        ? codeOf(f32(sums[c]! * perUnit), outputLevels) * step
        : clip(sums[c]!, bound);
}

function requireLength(array: ArrayLike<number>, length: number, what: string): void {
  if (array.length !== length)
    throw new Error(`${what}: ${array.length} elements, ${length} expected`);
}

function requireBatch(
  x: Float32Array,
  rows: number,
  inputs: number,
  y: Float32Array,
  outputs: number,
): void {
  if (x.length < rows * inputs || y.length < rows * outputs)
    throw new Error(`${rows} rows do not fit x [${x.length}], y [${y.length}]`);
  requireFinite(x.subarray(0, rows * inputs), "input", inputs);
}

function requireBlock(block: AnalogBlock, matrix: AnalogMatrix): void {
  const rows = block.rowEnd - block.rowBegin;
  const cols = block.colEnd - block.colBegin;
  const inside =
    block.rowBegin >= 0 &&
    block.colBegin >= 0 &&
    block.rowEnd <= matrix.inputs &&
    block.colEnd <= matrix.outputs;
  if (!inside || rows < 1 || cols < 1)
    throw new Error(`block outside the ${matrix.inputs} x ${matrix.outputs} matrix, or empty`);
  requireLength(block.weights, rows * cols, "block weights");
  requireLength(block.scale, cols, "block scale");
  const range = block.inputRange;
  if (range !== 0 && !(range >= SMALLEST_RANGE && range < Infinity))
    throw new Error(`input range ${range}; must be 0 or a positive float32`);
  requireFinite(block.weights, "block weight", rows);
  requireFinite(block.scale, "block scale", cols);
}
