/**
 * A matrix as blocks of rows, and back: kernels of our own, since the library's split copies the
 * whole matrix for each of its parts.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

const SPLIT = "SplitRowBlocks";
const JOIN = "JoinRowBlocks";

/** @param x [blocks * rows][cols] -> as many matrices of [rows][cols] */
export const splitRows = (x: tf.Tensor2D, blocks: number): readonly tf.Tensor2D[] =>
  tf.engine().runKernel(SPLIT, { x }, { blocks }) as unknown as tf.Tensor2D[];

/** The reverse. */
export const joinRows = (blocks: readonly tf.Tensor2D[]): tf.Tensor2D =>
  // A list is a map by number; the library saves all inputs of lists only.
  tf.engine().runKernel(JOIN, blocks as unknown as tf.NamedTensorMap) as tf.Tensor2D;

type Kernel = {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: unknown;
  readonly attrs?: tf.NamedAttrMap;
};

/** Registers the kernels with the backend; they are each other's gradients. */
export function registerRowBlocks(): void {
  const backendName = "wasm";
  tf.registerKernel({ kernelName: SPLIT, backendName, kernelFunc: splitKernel });
  tf.registerKernel({ kernelName: JOIN, backendName, kernelFunc: joinKernel });
  tf.registerGradient({
    kernelName: SPLIT,
    gradFunc: (dy) => ({ x: () => joinRows(dy as tf.Tensor2D[]) }),
  });
  tf.registerGradient({
    kernelName: JOIN,
    saveAllInputs: true,
    gradFunc: (dy, saved) => {
      const parts = splitRows(dy as tf.Tensor2D, saved.length);
      return Object.fromEntries(parts.map((part, i) => [String(i), () => part]));
    },
  });
}

function splitKernel({ inputs, backend, attrs }: Kernel): tf.TensorInfo[] {
  const wasm = backend as BackendWasm;
  const x = inputs["x"]!;
  const blocks = attrs!["blocks"] as number;
  const [rows, cols] = [x.shape[0]! / blocks, x.shape[1]!];
  const parts = Array.from({ length: blocks }, () => wasm.makeOutput([rows, cols], "float32"));
  // The views last: making outputs may move the memory.
  const from = wasm.typedArrayFromHeap(x) as Float32Array;
  parts.forEach((part, i) => {
    const begin = i * rows * cols;
    wasm.typedArrayFromHeap(part).set(from.subarray(begin, begin + rows * cols));
  });
  return parts;
}

function joinKernel({ inputs, backend }: Kernel): tf.TensorInfo {
  const wasm = backend as BackendWasm;
  const blocks = Object.keys(inputs).map((_, i) => inputs[String(i)]!);
  const [rows, cols] = blocks[0]!.shape as [number, number];
  const out = wasm.makeOutput([rows * blocks.length, cols], "float32");
  const to = wasm.typedArrayFromHeap(out) as Float32Array;
  blocks.forEach((block, i) => {
    to.set(wasm.typedArrayFromHeap(block) as Float32Array, i * rows * cols);
  });
  return out;
}
