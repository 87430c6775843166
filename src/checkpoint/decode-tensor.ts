import { DTYPES, decodeElements } from "./dtypes.ts";
import { readTensorBytes, type StoredTensor } from "./safetensors.ts";

/** Reads `count` elements from the element `begin` on. */
export async function decodeRange(
  tensor: StoredTensor,
  begin: number,
  count: number,
): Promise<Float32Array> {
  const elementBytes = DTYPES[tensor.dtype].bits / 8;
  const bytes = await readTensorBytes(tensor, begin * elementBytes, count * elementBytes);
  const values = new Float32Array(count);
  decodeElements(tensor.dtype, bytes, values);
  return values;
}

/** Reads a tensor as a whole. */
export const decodeTensor = (tensor: StoredTensor): Promise<Float32Array> =>
  decodeRange(
    tensor,
    0,
    tensor.shape.reduce((product, n) => product * n, 1),
  );
