/** Inputs as whole-number codes, and the digits of codes that bit-serial reads apply. */
import { requireFinite } from "./finite.ts";
import { codeOf } from "./quantise.ts";
import type { RowRange } from "./ranges.ts";

/** Codes of the inputs of one row range; overwritten by each `encode`. */
export interface InputCodes {
  /** @param x [rows][inputs] */
  readonly encode: (x: Float32Array, rows: number, inputs: number) => void;
  /** [rows][width of the range] */
  readonly codes: () => Float32Array;
  /** What a code is worth in each row. */
  readonly scales: () => Float64Array;
  /** Writes the values that the codes stand for into the range's place in x. */
  readonly decode: (x: Float32Array, rows: number, inputs: number) => void;
}

/**
 * @param fixed full scale; 0: the largest value of each row
 * @param codeMax codes on each side of zero
 */
export function createInputCodes(
  { rowBegin, rowEnd }: RowRange,
  fixed: number,
  codeMax: number,
): InputCodes {
  const width = rowEnd - rowBegin;
  let codes = new Float32Array(0);
  let scales = new Float64Array(0);
  return {
    encode: (x, rows, inputs) => {
      requireFinite(x.subarray(0, rows * inputs), "input", inputs);
      codes = new Float32Array(rows * width);
      scales = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const from = row * inputs + rowBegin;
        const range = fixed > 0 ? fixed : largestOf(x, from, from + width);
        scales[row] = range / codeMax;
        if (range === 0) continue;
        const perUnit = codeMax / range;
        for (let k = 0; k < width; k++)
          codes[row * width + k] = codeOf(x[from + k]! * perUnit, codeMax);
      }
    },
    codes: () => codes,
    scales: () => scales,
    decode: (x, rows, inputs) => {
      for (let row = 0; row < rows; row++)
        for (let k = 0; k < width; k++)
          x[row * inputs + rowBegin + k] = codes[row * width + k]! * scales[row]!;
    },
  };
}

function largestOf(x: Float32Array, begin: number, end: number): number {
  let max = 0;
  for (let i = begin; i < end; i++) max = Math.max(max, Math.abs(x[i]!));
  return max;
}

/** The digit of a signed code, with the code's sign. */
export function digitOf(code: number, place: number, bits: number): number {
  const digit = Math.floor(Math.abs(code) / 2 ** (bits * place)) % 2 ** bits;
  return code < 0 ? -digit : digit;
}

/** Digits of codes below 2^31. */
export function digitsOf(codes: Float32Array, place: number, bits: number): Float32Array {
  const shift = bits * place;
  const mask = 2 ** bits - 1;
  const digits = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    digits[i] = code < 0 ? -((-code >> shift) & mask) : (code >> shift) & mask;
  }
  return digits;
}
