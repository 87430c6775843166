/**
 * The number format `int`, defined in plain TypeScript: 8-bit input codes times weight codes of 14
 * to 16 bits (sign included), summed exactly in int32.
 *
 * All but the products is float32 as in `reference.ts`, in the same order of operations. Exact sums
 * make a result independent of the order of summation, so engines, threads and batches agree bit for
 * bit. What differs from float32 is the rounding of the weights, whose bound is stated here.
 */

import { fillNormals } from "../../random/philox.ts";
import type { AnalogBlock, AnalogMatrix, Periphery, Projection } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { lostShare, placeWeight } from "../periphery/ir-drop.ts";
import { clip, codeOf, roundHalfEven } from "../quantise.ts";
import { createReferenceEngine, SMALLEST_RANGE } from "./reference.ts";

const f32 = Math.fround;

const INT32_MAX = 2 ** 31 - 1;
const INT16_MAX = 2 ** 15 - 1;

/**
 * Fewest codes on each side of zero that weights may have. Their rounding error is at most
 * 1/2/8191 = 6.1e-5 of the block's largest weight, rms 3.5e-5; the programming noise of PCM is never
 * below 0.26348/25 = 1.05e-2 of it (HERMES: 0.166/20.7 = 8.0e-3), more than a hundred times as much.
 */
const FEWEST_WEIGHT_CODES = 8191;

/**
 * Fewest codes of |w| in the sum |w| v^2 of the read noise. Only a standard deviation hangs on them:
 * an error of at most 1/2/127 = 0.4 % of the largest weight in each term of a sum under a root.
 */
const FEWEST_ENERGY_CODES = 127;

/** Weights smaller than this are zeros, so that no scale overflows. */
const SMALLEST_WEIGHT = 1e-30;

/** Codes per unit of weight, in float32. */
export interface IntScales {
  /** Of w, of |w| for the current, of w place for the IR drop. */
  readonly weight: number;
  /** Of |w| for the read noise. */
  readonly energy: number;
}

/**
 * Most codes on each side of zero such that no sum of `rows` products with inputs of up to
 * `inputMax` leaves int32: rows * inputMax * codes < 2^31.
 */
export function mostCodes(rows: number, inputMax: number): number {
  return Math.min(INT16_MAX, Math.floor(INT32_MAX / (rows * inputMax)));
}

/**
 * Scales of a block, chosen so that its largest |w| becomes the largest code: nothing clips.
 *
 * @returns null if the block does not fit the format: inputs without rounding or with too many
 *   codes, or too many rows
 */
export function intScales(block: AnalogBlock, periphery: Periphery): IntScales | null {
  const levels = periphery.inputLevels;
  const rows = block.rowEnd - block.rowBegin;
  if (levels === 0 || levels > INT16_MAX) return null;
  const weightCodes = mostCodes(rows, levels);
  const energyCodes = mostCodes(rows, levels * levels);
  if (weightCodes < FEWEST_WEIGHT_CODES) return null;
  const squaresFit = levels * levels <= INT16_MAX && energyCodes >= FEWEST_ENERGY_CODES;
  if (periphery.readNoise > 0 && !squaresFit) return null;
  let largest = SMALLEST_WEIGHT;
  const { weights } = block;
  for (let i = 0; i < weights.length; i++) largest = Math.max(largest, Math.abs(weights[i]!));
  return { weight: f32(weightCodes / largest), energy: f32(energyCodes / largest) };
}

/** Scales of every block, or null if one of them does not fit: a matrix has one format. */
export function intScalesOf({ blocks, periphery }: AnalogMatrix): IntScales[] | null {
  const scales: IntScales[] = [];
  for (const block of blocks) {
    const one = intScales(block, periphery);
    if (one === null) return null;
    scales.push(one);
  }
  return scales;
}

/** Constants of a block's output side; all rounded to float32. */
export interface Conversion {
  /** Value of 1 in the sums, in units of (input range) x (normalised weight). */
  readonly unit: number;
  readonly irDrop: number;
  /** Share of the voltage lost per 1 in the sum of currents. */
  readonly perCurrent: number;
  readonly sigma: number;
  readonly variance: number;
  /** Variance of the read noise per 1 in the sum of |w| v^2. */
  readonly perEnergy: number;
  readonly levels: number;
  readonly bound: number;
  /** ADC codes per value, value per code. */
  readonly perValue: number;
  readonly step: number;
}

/** @throws Error if a noise, a bound or a number of codes is negative or not finite */
export function requirePeriphery(periphery: Periphery): void {
  for (const [name, value] of Object.entries(periphery))
    if (!(value >= 0 && value < Infinity)) throw new Error(`periphery: ${name} is ${value}`);
}

/** @param scales null: the sums are float32 over input codes and weights as they are */
export function conversionOf(
  block: AnalogBlock,
  periphery: Periphery,
  scales: IntScales | null,
): Conversion {
  const { inputLevels, outputLevels, outputNoise, readNoise, irDropConductanceRatio } = periphery;
  const rows = block.rowEnd - block.rowBegin;
  const step = inputLevels > 0 ? f32(1 / inputLevels) : 1;
  const unit = scales ? f32(step / scales.weight) : step;
  const noiseStep = f32(f32(readNoise) * step);
  const perEnergy = f32(noiseStep * noiseStep);
  const bound = f32(periphery.outputBound);
  return {
    unit,
    irDrop: f32(periphery.irDrop),
    perCurrent: periphery.irDrop > 0 ? f32(f32(rows / irDropConductanceRatio) * unit) : 0,
    sigma: f32(outputNoise),
    variance: f32(f32(outputNoise) * f32(outputNoise)),
    perEnergy: scales ? f32(perEnergy / scales.energy) : perEnergy,
    levels: outputLevels,
    bound,
    perValue: bound > 0 ? f32(outputLevels / bound) : 0,
    step: bound > 0 && outputLevels > 0 ? f32(bound / outputLevels) : 0,
  };
}

/** @throws Error if the matrix does not fit the format */
export function createIntProjection(matrix: AnalogMatrix): Projection {
  // Checks shapes and values.
  createReferenceEngine().analog(matrix);
  requirePeriphery(matrix.periphery);
  const scales = intScalesOf(matrix);
  if (scales === null) throw new Error("a block of the matrix does not fit the int format");
  const reads = matrix.blocks.map((block, index) =>
    createBlockRead(matrix, block, index, scales[index]!),
  );
  const { inputs, outputs } = matrix;
  return {
    inputs,
    outputs,
    apply: (x, rows, rowIds, y) => {
      requireFinite(x.subarray(0, rows * inputs), "input", inputs);
      y.fill(0, 0, rows * outputs);
      for (const read of reads)
        for (let row = 0; row < rows; row++)
          read(x.subarray(row * inputs, (row + 1) * inputs), rowIds[row]!, y, row * outputs);
    },
  };
}

type BlockRead = (x: Float32Array, rowId: number, y: Float32Array, at: number) => void;

function createBlockRead(
  matrix: AnalogMatrix,
  block: AnalogBlock,
  index: number,
  scales: IntScales,
): BlockRead {
  const { periphery, seed, matrix: id } = matrix;
  const conversion = conversionOf(block, periphery, scales);
  const inputs = new Int32Array(block.rowEnd - block.rowBegin);
  const normals = new Float32Array(block.colEnd - block.colBegin);
  const { sigma, perEnergy } = conversion;
  return (x, rowId, y, at) => {
    const range = toCodes(x, block, periphery.inputLevels, inputs);
    if (range === 0) return;
    if (sigma > 0 || perEnergy > 0)
      fillNormals(normals, { seed, matrix: id, block: index, purpose: "output", row: rowId });
    for (let c = 0; c < normals.length; c++) {
      const sums = sumColumn(block.weights, c, inputs, scales);
      const value = convert(sums, normals[c]!, conversion);
      const out = at + block.colBegin + c;
      y[out] = y[out]! + f32(f32(value * range) * block.scale[c]!);
    }
  };
}

/** @returns full scale of the vector; 0: nothing to convert */
function toCodes(
  x: Float32Array,
  { rowBegin, inputRange }: AnalogBlock,
  levels: number,
  codes: Int32Array,
): number {
  let range = f32(inputRange);
  if (inputRange === 0)
    for (let k = 0; k < codes.length; k++) range = Math.max(range, Math.abs(x[rowBegin + k]!));
  if (range < SMALLEST_RANGE) return 0;
  const inverse = f32(1 / range);
  for (let k = 0; k < codes.length; k++)
    codes[k] = codeOf(f32(f32(x[rowBegin + k]! * inverse) * levels), levels);
  return range;
}

/** The exact sums of one column; all are whole numbers within int32. */
interface ColumnSums {
  readonly products: number;
  readonly currents: number;
  readonly placed: number;
  readonly energies: number;
}

function sumColumn(
  weights: Float32Array,
  column: number,
  inputs: Int32Array,
  scales: IntScales,
): ColumnSums {
  const rows = inputs.length;
  let products = 0;
  let currents = 0;
  let placed = 0;
  let energies = 0;
  for (let k = 0; k < rows; k++) {
    const w = weights[column * rows + k]!;
    const v = inputs[k]!;
    const code = roundHalfEven(f32(w * scales.weight));
    products += v * code;
    currents += Math.abs(v * code);
    placed += v * roundHalfEven(f32(f32(w * placeWeight(k, rows)) * scales.weight));
    energies += v * v * roundHalfEven(f32(Math.abs(w) * scales.energy));
  }
  return { products, currents, placed, energies };
}

/** Output side: IR drop, noise, ADC; formulas at `reference.ts`. */
function convert(sums: ColumnSums, normal: number, c: Conversion): number {
  let value = f32(f32(sums.products) * c.unit);
  if (c.irDrop > 0) {
    const share = lostShare(f32(f32(sums.currents) * c.perCurrent));
    value = f32(value - f32(f32(share * c.irDrop) * f32(f32(sums.placed) * c.unit)));
  }
  if (c.perEnergy > 0) {
    const variance = f32(f32(f32(sums.energies) * c.perEnergy) + c.variance);
    value = f32(value + f32(f32(Math.sqrt(variance)) * normal));
  } else if (c.sigma > 0) value = f32(value + f32(c.sigma * normal));
  if (c.bound === 0) return value;
  if (c.levels === 0) return clip(value, c.bound);
  return f32(codeOf(f32(value * c.perValue), c.levels) * c.step);
}
