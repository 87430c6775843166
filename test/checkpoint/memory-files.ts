/** Safetensors files made in memory. */
import type { CheckpointFiles, RandomAccess } from "../../src/checkpoint/random-access.ts";

export interface NewTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A file with the given header text, length in front, and data. */
export function rawFile(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

export function safetensors(tensors: Readonly<Record<string, NewTensor>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const data = new Uint8Array(at);
  at = 0;
  for (const { bytes } of Object.values(tensors)) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return rawFile(JSON.stringify(header), data);
}

/** A float32 tensor. */
export const f32 = (shape: readonly number[], values: ArrayLike<number>): NewTensor => ({
  dtype: "F32",
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

export const u8 = (shape: readonly number[], values: ArrayLike<number>): NewTensor => ({
  dtype: "U8",
  shape,
  bytes: Uint8Array.from(values),
});

export const bytesAccess = (bytes: Uint8Array): RandomAccess => ({
  size: bytes.length,
  read: async (offset, length) => bytes.slice(offset, offset + length),
});

export const memoryFiles = (files: Readonly<Record<string, Uint8Array>>): CheckpointFiles => ({
  names: Object.keys(files),
  open: async (name) => bytesAccess(files[name]!),
});

/** One file with these tensors. */
export const oneFile = (tensors: Readonly<Record<string, NewTensor>>): CheckpointFiles =>
  memoryFiles({ "model.safetensors": safetensors(tensors) });

/** A header over data that is not there: for tests that read shapes only. */
export function headerOnly(
  shapes: ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>,
  elementBytes: (dtype: string) => number,
): CheckpointFiles {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const [name, { dtype, shape }] of shapes) {
    const bytes = shape.reduce((product, n) => product * n, elementBytes(dtype));
    header[name] = { dtype, shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const start = rawFile(JSON.stringify(header));
  const access: RandomAccess = {
    size: start.length + at,
    read: async (offset, length) => start.slice(offset, offset + length),
  };
  return { names: ["model.safetensors"], open: async () => access };
}
