/**
 * Bit slicing and bit-serial inputs: a weight over several cells, an input over several reads.
 *
 * Each slice is a crossbar of its own with its own devices, and each phase of the inputs a read of
 * its own with its own noise and ADC; digital shift-and-add puts them together.
 *
 * @source Shafiee et al., "ISAAC", ISCA 2016. Signs are held by differential pairs and by signed
 *   input pulses, instead of ISAAC's biased weights and two's complement inputs.
 */

import { deviceModel } from "./devices/index.ts";
import type { AnalogBlock, AnalogMatrix } from "./engine.ts";
import type { DisposableProjection, ReusableEngine } from "./engines/index.ts";
import { type ProgramRequest, programMatrix } from "./program.ts";
import { codeOf, levelsOfBits } from "./quantise.ts";
import { type RowRange, rowRanges } from "./ranges.ts";
import { writeBlocks } from "./write-blocks.ts";

export interface Slicing {
  /** Cells of a weight, and bits of each; sign apart. */
  readonly slices: number;
  readonly cell_bits: number;
  /** Bits of an input that are applied in one read; sign apart. */
  readonly bits_per_phase: number;
}

/** How many slices, phases and row ranges have addresses: 21 bits above the 32 of the seed. */
const MOST_SLICES = 32;
const MOST_PHASES = 16;
const MOST_ROW_RANGES = 4096;

/** Slices, phases and row ranges share no random number: each has a seed of its own. */
function seedOf(seed: number, slice: number, phase: number, rowRange: number): number {
  return seed + 2 ** 32 * ((slice * MOST_PHASES + phase) * MOST_ROW_RANGES + rowRange);
}

/**
 * A matrix over slices, read in phases.
 *
 * A weight's magnitude is a code of `slices * cell_bits` bits relative to its scale; slice s holds
 * the digit of 2^(cell_bits s), full scale 2^cell_bits - 1. An input's magnitude is a code of
 * `inputBits - 1` bits relative to its range; phase p applies the digit of 2^(bits_per_phase p).
 *
 * @param request `inputBits` 2 to 16; `levels` is set here: cells have 2^cell_bits levels
 * @throws Error if there are too many slices, phases or row ranges, or a seed of 2^32 or more
 */
export function createSlicedProjection(
  engine: Pick<ReusableEngine, "analog">,
  request: ProgramRequest,
  slicing: Slicing,
): DisposableProjection {
  const { inputs, outputs } = request.matrix;
  const magnitudeBits = request.inputBits - 1;
  const phases = Math.ceil(magnitudeBits / slicing.bits_per_phase);
  const ranges = rowRanges(request.blocks);
  requireRoom(request, slicing.slices, phases, ranges.length);
  const slices = sliceWeights(request, slicing);
  const parts = ranges.map((range, index) => ({
    range,
    fixed: fixedRange(slices[0]!, range),
    reads: Array.from({ length: phases }, (_, phase) =>
      slices.map((slice, s) =>
        engine.analog({
          ...phaseMatrix(slice, range, slicing),
          seed: seedOf(request.seed, s, phase, index),
        }),
      ),
    ),
  }));
  const codeMax = levelsOfBits(request.inputBits);
  return {
    inputs,
    outputs,
    dispose: () => {
      for (const { reads } of parts) for (const read of reads.flat()) read.dispose();
    },
    apply: (x, rows, rowIds, y) => {
      y.fill(0, 0, rows * outputs);
      const sums = new Float32Array(rows * outputs);
      for (const { range, fixed, reads } of parts) {
        const { codes, scales } = encode(x, rows, inputs, range, fixed, codeMax);
        reads.forEach((slicesOfPhase, phase) => {
          const weight = 2 ** (slicing.bits_per_phase * phase);
          const digits = codes.map((code) => digitOf(code, phase, slicing.bits_per_phase));
          for (const read of slicesOfPhase) {
            read.apply(digits, rows, rowIds, sums);
            for (let i = 0; i < sums.length; i++)
              y[i] = y[i]! + sums[i]! * weight * scales[Math.floor(i / outputs)]!;
          }
        });
      }
    },
  };
}

function requireRoom(
  { inputBits, seed }: ProgramRequest,
  slices: number,
  phases: number,
  ranges: number,
): void {
  if (!(inputBits >= 2))
    throw new Error(`${inputBits} input bits; bit-serial inputs need 2 or more`);
  if (slices > MOST_SLICES || phases > MOST_PHASES || ranges > MOST_ROW_RANGES || seed >= 2 ** 32)
    throw new Error(`no addresses for ${slices} slices, ${phases} phases, ${ranges} row ranges`);
}

/** The digit of a signed code, with the code's sign. */
function digitOf(code: number, place: number, bits: number): number {
  const digit = Math.floor(Math.abs(code) / 2 ** (bits * place)) % 2 ** bits;
  return code < 0 ? -digit : digit;
}

/** One matrix a slice, programmed and aged by itself; scales include the slice's significance. */
function sliceWeights(request: ProgramRequest, { slices, cell_bits }: Slicing): AnalogMatrix[] {
  const { numerics, matrix } = request;
  const omega = numerics.weight_omega;
  const ideal = programMatrix({
    ...request,
    numerics: { ...numerics, devices: IDEAL },
    noise_scale: 0,
    age_s: 0,
  });
  const base = 2 ** cell_bits;
  const codeMax = base ** slices - 1;
  const device = deviceModel(numerics.devices, request.noise_scale);
  return Array.from({ length: slices }, (_, s) => {
    const blocks = ideal.blocks.map((block) => ({
      ...block,
      weights: block.weights.map((w) => {
        const code = Math.round((Math.abs(w) / omega) * codeMax);
        return (Math.sign(w) * omega * digitOf(code, s, cell_bits)) / (base - 1);
      }),
      scale: block.scale.map((scale) => (scale * base ** s * (base - 1)) / codeMax),
    }));
    writeBlocks(blocks, matrix, device, {
      omega,
      compensation: numerics.drift_compensation,
      address: { seed: seedOf(request.seed, s, 0, 0), matrix: matrix.id },
      age_s: request.age_s,
      levels: base,
      ...(request.faults && { faults: request.faults }),
      ...(request.fillNormals && { fillNormals: request.fillNormals }),
    });
    return { ...ideal, blocks };
  });
}

const IDEAL = { kind: "ideal", source: "not programmed yet", evidence: "derived" } as const;

const sameRows = (a: RowRange, b: RowRange): boolean =>
  a.rowBegin === b.rowBegin && a.rowEnd === b.rowEnd;

function fixedRange(matrix: AnalogMatrix, range: RowRange): number {
  return matrix.blocks.find((block) => sameRows(block, range))!.inputRange;
}

/** The blocks of one row range, with inputs that are the digits of a phase. */
function phaseMatrix(
  slice: AnalogMatrix,
  range: RowRange,
  { bits_per_phase }: Slicing,
): AnalogMatrix {
  const levels = 2 ** bits_per_phase - 1;
  const blocks = slice.blocks
    .filter((block) => sameRows(block, range))
    .map((block): AnalogBlock => ({ ...block, inputRange: levels }));
  return { ...slice, blocks, periphery: { ...slice.periphery, inputLevels: levels } };
}

/** Input codes of one row range, 0 elsewhere, and what a code is worth in each row. */
function encode(
  x: Float32Array,
  rows: number,
  inputs: number,
  { rowBegin, rowEnd }: RowRange,
  fixed: number,
  codeMax: number,
): { readonly codes: Float32Array; readonly scales: Float64Array } {
  const codes = new Float32Array(rows * inputs);
  const scales = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * inputs;
    const part = x.subarray(begin + rowBegin, begin + rowEnd);
    const range = fixed > 0 ? fixed : part.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    scales[row] = range / codeMax;
    if (range === 0) continue;
    for (let k = 0; k < part.length; k++)
      codes[begin + rowBegin + k] = codeOf((part[k]! / range) * codeMax, codeMax);
  }
  return { codes, scales };
}
