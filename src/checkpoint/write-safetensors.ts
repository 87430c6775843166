/**
 * Writes safetensors files: eight bytes of header length, a JSON header, then the data.
 *
 * @source https://huggingface.co/docs/safetensors, "Format"
 */

/** A tensor to be written, in row-major order. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The header ends at a multiple of this, with spaces, so that the numbers are aligned. */
const ALIGNMENT_B = 8;
const LENGTH_BYTES = 8;

/**
 * A whole file, all tensors in float32.
 *
 * @param metadata what else the header says, free text
 * @throws Error if two tensors have one name, or a shape is not that of its values
 */
export function encodeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = headerOf(tensors, metadata);
  const data_B = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const file = new Uint8Array(LENGTH_BYTES + header.length + data_B);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + header.length;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

function headerOf(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  let begin = 0;
  for (const { name, shape, values } of tensors) {
    const count = shape.reduce((product, n) => product * n, 1);
    if (Object.hasOwn(entries, name)) throw new Error(`two tensors are called ${name}`);
    if (count !== values.length) throw new Error(`${name}: ${values.length} values for [${shape}]`);
    const end = begin + values.byteLength;
    entries[name] = { dtype: "F32", shape, data_offsets: [begin, end] };
    begin = end;
  }
  const text = JSON.stringify(entries);
  const bytes = new TextEncoder().encode(text).length;
  const padding = " ".repeat((ALIGNMENT_B - (bytes % ALIGNMENT_B)) % ALIGNMENT_B);
  return new TextEncoder().encode(text + padding);
}
