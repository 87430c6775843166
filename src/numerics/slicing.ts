/**
 * Bit slicing and bit-serial inputs: a weight over several cells, an input over several reads.
 *
 * Each slice is a crossbar of its own with its own devices, and each phase of the inputs a read of
 * its own with its own noise and ADC; digital shift-and-add puts them together.
 *
 * @source Shafiee et al., "ISAAC", ISCA 2016. Signs are held by differential pairs and by signed
 *   input pulses, instead of ISAAC's biased weights and two's complement inputs.
 */
import type { AnalogBlock, AnalogMatrix, Periphery } from "./engine.ts";
import type { DisposableProjection, ReusableEngine } from "./engines/reusable.ts";
import { createInputCodes, digitsOf, type InputCodes } from "./input-codes.ts";
import type { ProgramRequest, Slicing } from "./program.ts";
import { levelsOfBits } from "./quantise.ts";
import { type RowRange, rowRanges } from "./ranges.ts";
import { losesNothing, MOST_SLICES, seedOf, sliceWeights } from "./slice-weights.ts";

const MOST_PHASES = 16;

/**
 * A matrix over slices, read in phases.
 *
 * A weight's magnitude is a code of `slices * cell_bits` bits relative to its scale; slice s holds
 * the digit of 2^(cell_bits s), full scale 2^cell_bits - 1. An input's magnitude is a code of
 * `inputBits - 1` bits relative to its range; phase p applies the digit of 2^(bits_per_phase p).
 * The noise of phase p of row r has the address of row 16 r + p.
 *
 * @throws Error if there are too many slices, phases or row ranges, or a seed of 2^32 or more
 */
export function createSlicedProjection(
  engine: Pick<ReusableEngine, "analog" | "digital">,
  request: ProgramRequest,
  slicing: Slicing,
): DisposableProjection {
  const phases = Math.ceil((request.inputBits - 1) / slicing.bits_per_phase);
  requireRoom(request, slicing.slices, phases);
  const slices = sliceWeights(request, slicing);
  if (losesNothing(request, slicing)) return createExactProjection(engine, request, slices);
  const { inputs, outputs } = request.matrix;
  const parts = rowRanges(request.blocks).map((range, index) => ({
    codes: createInputCodes(range, fixedRange(slices[0]!, range), levelsOfBits(request.inputBits)),
    reads: slices.map((slice, s) =>
      engine.analog({
        ...phaseMatrix(slice, range, slicing, request.numerics.weight_omega),
        seed: seedOf(request.seed, s, index),
      }),
    ),
  }));
  return {
    inputs,
    outputs,
    dispose: () => {
      for (const { reads } of parts) for (const read of reads) read.dispose();
    },
    apply: (x, rows, rowIds, y) => {
      y.fill(0, 0, rows * outputs);
      for (const part of parts) {
        part.codes.encode(x, rows, inputs);
        for (let phase = 0; phase < phases; phase++)
          addPhase(part, phase, slicing.bits_per_phase, rows, rowIds, outputs, y);
      }
    },
  };
}

/** Row range of a matrix on all its slices. */
interface Part {
  readonly codes: InputCodes;
  readonly reads: readonly DisposableProjection[];
}

function addPhase(
  { codes, reads }: Part,
  phase: number,
  bits: number,
  rows: number,
  rowIds: Uint32Array,
  outputs: number,
  y: Float32Array,
): void {
  const weight = 2 ** (bits * phase);
  const digits = digitsOf(codes.codes(), phase, bits);
  const ids = rowIds.subarray(0, rows).map((id) => MOST_PHASES * id + phase);
  const sums = new Float32Array(rows * outputs);
  for (const read of reads) {
    read.apply(digits, rows, ids, sums);
    for (let row = 0; row < rows; row++) {
      const worth = weight * codes.scales()[row]!;
      const end = (row + 1) * outputs;
      for (let i = row * outputs; i < end; i++) y[i] = y[i]! + sums[i]! * worth;
    }
  }
}

function requireRoom({ inputBits, seed }: ProgramRequest, slices: number, phases: number): void {
  if (!(inputBits >= 2))
    throw new Error(`${inputBits} input bits; bit-serial inputs need 2 or more`);
  if (slices > MOST_SLICES || phases > MOST_PHASES || seed >= 2 ** 32)
    throw new Error(`no addresses for ${slices} slices, ${phases} phases, seed ${seed}`);
}

const sameRows = (a: RowRange, b: RowRange): boolean =>
  a.rowBegin === b.rowBegin && a.rowEnd === b.rowEnd;

function fixedRange(matrix: AnalogMatrix, range: RowRange): number {
  return matrix.blocks.find((block) => sameRows(block, range))!.inputRange;
}

/** The blocks of one row range as a matrix of their own, whose inputs are the digits of a phase. */
function phaseMatrix(
  slice: AnalogMatrix,
  range: RowRange,
  slicing: Slicing,
  omega: number,
): AnalogMatrix {
  const inputLevels = 2 ** slicing.bits_per_phase - 1;
  const rows = range.rowEnd - range.rowBegin;
  const blocks = slice.blocks
    .filter((block) => sameRows(block, range))
    .map(
      (block): AnalogBlock => ({ ...block, rowBegin: 0, rowEnd: rows, inputRange: inputLevels }),
    );
  const converter = slicing.lossless ? losslessConverter(rows, inputLevels, slicing, omega) : {};
  const periphery = { ...slice.periphery, inputLevels, ...converter };
  return { ...slice, inputs: rows, blocks, periphery };
}

/** An ADC with one code for each possible sum of products of digits; none for analog weights. */
function losslessConverter(
  rows: number,
  inputLevels: number,
  { cell_bits }: Slicing,
  omega: number,
): Pick<Periphery, "outputLevels" | "outputBound"> {
  if (cell_bits === undefined) return { outputLevels: 0, outputBound: 0 };
  return { outputLevels: rows * inputLevels * (2 ** cell_bits - 1), outputBound: rows * omega };
}

/**
 * Where no read loses anything, shift-and-add gives the product of the codes: one digital product
 * in place of slices x phases reads, equal up to the rounding of float32 sums.
 */
function createExactProjection(
  engine: Pick<ReusableEngine, "digital">,
  request: ProgramRequest,
  slices: readonly AnalogMatrix[],
): DisposableProjection {
  const { inputs, outputs } = request.matrix;
  const weights = new Float32Array(outputs * inputs);
  for (const { blocks } of slices) for (const block of blocks) addBlock(block, inputs, weights);
  const product = engine.digital(weights, outputs, inputs);
  const codings = rowRanges(request.blocks).map((range) =>
    createInputCodes(range, fixedRange(slices[0]!, range), levelsOfBits(request.inputBits)),
  );
  return {
    ...product,
    apply: (x, rows, rowIds, y) => {
      const coded = new Float32Array(rows * inputs);
      for (const coding of codings) {
        coding.encode(x, rows, inputs);
        coding.decode(coded, rows, inputs);
      }
      product.apply(coded, rows, rowIds, y);
    },
  };
}

function addBlock(block: AnalogBlock, inputs: number, weights: Float32Array): void {
  const rows = block.rowEnd - block.rowBegin;
  for (let c = 0; c < block.scale.length; c++) {
    const at = (block.colBegin + c) * inputs + block.rowBegin;
    for (let k = 0; k < rows; k++)
      weights[at + k] = weights[at + k]! + block.weights[c * rows + k]! * block.scale[c]!;
  }
}
