/**
 * The library of automatic differentiation, and direct access to its memory.
 *
 * `@tensorflow/tfjs-core` keeps the tape; its WASM backend computes. Where it has no fast kernel,
 * ours read and write its memory in place.
 */
import "@tensorflow/tfjs-backend-wasm";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "./gradients.ts";
import { registerRowBlocks } from "./row-blocks.ts";
import { registerUnfold } from "./unfold.ts";

let opened: Promise<void> | null = null;

/**
 * Must have been awaited before any tensor is made. Once a process.
 *
 * @throws Error where WebAssembly with SIMD is missing
 */
export function openTensors(): Promise<void> {
  opened ??= open();
  return opened;
}

async function open(): Promise<void> {
  if (!(await tf.setBackend("wasm"))) throw new Error("the WASM backend of tfjs does not start");
  await tf.ready();
  registerGradients();
  registerUnfold();
  registerRowBlocks();
}

/**
 * The elements of a tensor where they lie.
 *
 * Valid until the next tensor is made: then the memory may have moved.
 */
export function viewOf(tensor: tf.Tensor): Float32Array {
  return (tf.backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;
}

/** A tensor with elements still to be written through `viewOf`. */
export function emptyMatrix(rows: number, cols: number): tf.Tensor2D {
  const info = (tf.backend() as BackendWasm).makeOutput([rows, cols], "float32");
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor2D;
}

/** A copy of the elements. */
export const valuesOf = (tensor: tf.Tensor): Float32Array => viewOf(tensor).slice();

/** Tensors alive, and bytes they hold: constant from step to step. */
export const tensorsAlive = (): { readonly tensors: number; readonly bytes: number } => {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes };
};
