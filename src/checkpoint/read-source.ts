/** Reads rows of a matrix from wherever and however it is stored. */
import { InputError } from "../model/issue.ts";
import { decodeRange } from "./decode-tensor.ts";
import type { Source } from "./locate.ts";
import { decodeMxfp4, MXFP4_GROUP, MXFP4_GROUP_BYTES } from "./mxfp4.ts";
import { rowsOf, storedRows } from "./place.ts";
import { readTensorBytes, tensorPointer } from "./safetensors.ts";
import { readFactors, scaleRow } from "./scales.ts";

/**
 * Reads rows of a matrix, or elements of a vector.
 *
 * An input-first tensor is read as a whole whichever rows are asked for.
 *
 * @returns [rowEnd - rowBegin][inputs], all finite
 * @throws InputError if a number is NaN or infinite
 */
export async function readRows(
  source: Source,
  rowBegin: number,
  rowEnd: number,
): Promise<Float32Array> {
  if (rowBegin >= rowEnd) return new Float32Array(0);
  const values = await readAnyRows(source, rowBegin, rowEnd);
  requireFinite(values, source, rowBegin);
  return values;
}

function readAnyRows(source: Source, rowBegin: number, rowEnd: number): Promise<Float32Array> {
  if (source.groupScales !== null) return readMxfp4Rows(source, rowBegin, rowEnd);
  return source.place.order === "input-first"
    ? readTransposed(source, rowBegin, rowEnd)
    : readPlainRows(source, rowBegin, rowEnd);
}

/** First stored row of the matrix in its tensor, counted over all experts. */
const firstRow = ({ place, extent }: Source): number =>
  Math.max(0, place.expert) * storedRows(place, extent) + rowsOf(place, extent).begin;

async function readPlainRows(
  source: Source,
  rowBegin: number,
  rowEnd: number,
): Promise<Float32Array> {
  const { place, extent, tensor, scale, experts } = source;
  const { inputs } = extent;
  const { begin, step } = rowsOf(place, extent);
  const count = rowEnd - rowBegin;
  const first = firstRow(source) + step * rowBegin;
  const span = step * (count - 1) + 1;
  const values = pickRows(
    await decodeRange(tensor, first * inputs, span * inputs),
    count,
    step,
    inputs,
  );
  if (scale === null) return values;
  const factors = await readFactors(scale, place.expert, experts);
  for (let row = 0; row < count; row++)
    scaleRow(
      values.subarray(row * inputs, (row + 1) * inputs),
      begin + step * (rowBegin + row),
      factors,
    );
  return values;
}

/** Every `step`-th row. */
function pickRows(values: Float32Array, count: number, step: number, inputs: number): Float32Array {
  if (step === 1) return values;
  const picked = new Float32Array(count * inputs);
  for (let row = 0; row < count; row++) {
    const begin = row * step * inputs;
    picked.set(values.subarray(begin, begin + inputs), row * inputs);
  }
  return picked;
}

async function readTransposed(
  source: Source,
  rowBegin: number,
  rowEnd: number,
): Promise<Float32Array> {
  const { place, extent, tensor } = source;
  const { inputs } = extent;
  const rows = storedRows(place, extent);
  const { begin, step } = rowsOf(place, extent);
  const size = inputs * rows;
  const stored = await decodeRange(tensor, Math.max(0, place.expert) * size, size);
  const values = new Float32Array((rowEnd - rowBegin) * inputs);
  for (let row = rowBegin; row < rowEnd; row++) {
    const column = begin + step * row;
    const at = (row - rowBegin) * inputs;
    for (let i = 0; i < inputs; i++) values[at + i] = stored[i * rows + column]!;
  }
  return values;
}

async function readMxfp4Rows(
  source: Source,
  rowBegin: number,
  rowEnd: number,
): Promise<Float32Array> {
  const { place, extent, tensor, groupScales } = source;
  const groups = extent.inputs / MXFP4_GROUP;
  const { step } = rowsOf(place, extent);
  const count = rowEnd - rowBegin;
  const first = (firstRow(source) + step * rowBegin) * groups;
  const length = (step * (count - 1) + 1) * groups;
  const blocks = await readTensorBytes(
    tensor,
    first * MXFP4_GROUP_BYTES,
    length * MXFP4_GROUP_BYTES,
  );
  const scales = await readTensorBytes(groupScales!, first, length);
  const values = new Float32Array(count * extent.inputs);
  for (let row = 0; row < count; row++) {
    const begin = row * step * groups;
    decodeMxfp4(
      blocks.subarray(begin * MXFP4_GROUP_BYTES, (begin + groups) * MXFP4_GROUP_BYTES),
      scales.subarray(begin, begin + groups),
      values.subarray(row * extent.inputs, (row + 1) * extent.inputs),
    );
  }
  return values;
}

/** x - x is 0 for every finite x, and NaN for the others. Four sums do not wait for each other. */
function allFinite(values: Float32Array): boolean {
  const even = values.length - (values.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < even; i += 4) {
    a += values[i]! - values[i]!;
    b += values[i + 1]! - values[i + 1]!;
    c += values[i + 2]! - values[i + 2]!;
    d += values[i + 3]! - values[i + 3]!;
  }
  for (let i = even; i < values.length; i++) a += values[i]! - values[i]!;
  return a + b + c + d === 0;
}

function requireFinite(values: Float32Array, source: Source, rowBegin: number): void {
  if (allFinite(values)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  const { tensor, place, extent } = source;
  const row = rowBegin + Math.floor(at / extent.inputs);
  const expert = place.expert < 0 ? "" : ` of expert ${place.expert}`;
  throw new InputError(tensor.file, [
    {
      pointer: tensorPointer(tensor.name),
      found: `${values[at]} at output ${row}, input ${at % extent.inputs}${expert}`,
      allowed: "finite numbers (within the range of float32)",
    },
  ]);
}
