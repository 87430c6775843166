/**
 * Patches of images as rows, so that a convolution is a matrix product (im2col), and the reverse.
 *
 * Both are kernels of our own: put together from the library's slices they took five times as long.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** Images [n][side][side][channels]; patches of kernel x kernel, zeros around the image. */
export interface Patches {
  readonly side: number;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** Side of the result: half of the kernel hangs over the border. */
export const outputSide = ({ side, kernel, stride }: Patches): number =>
  Math.floor((side + 2 * Math.floor(kernel / 2) - kernel) / stride) + 1;

const UNFOLD = "UnfoldPatches";
const FOLD = "FoldPatches";

/**
 * @param x [n * side * side][channels]
 * @returns [n * outputSide^2][kernel * kernel * channels]
 */
export function unfold(x: tf.Tensor2D, patches: Patches): tf.Tensor2D {
  const attrs = { ...patches } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(UNFOLD, { x }, attrs) as tf.Tensor2D;
}

type Kernel = {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: unknown;
  readonly attrs?: tf.NamedAttrMap;
};

/** Registers the kernels with the backend; they are each other's gradients. */
export function registerUnfold(): void {
  const backendName = "wasm";
  tf.registerKernel({ kernelName: UNFOLD, backendName, kernelFunc: unfoldKernel });
  tf.registerKernel({ kernelName: FOLD, backendName, kernelFunc: foldKernel });
  tf.registerGradient({
    kernelName: UNFOLD,
    gradFunc: (dy, _saved, attrs) => ({
      x: () => tf.engine().runKernel(FOLD, { dy: dy as tf.Tensor }, attrs) as tf.Tensor,
    }),
  });
}

function unfoldKernel({ inputs, backend, attrs }: Kernel): tf.TensorInfo {
  const wasm = backend as BackendWasm;
  const patches = attrs as unknown as Patches;
  const x = inputs["x"]!;
  const { side, channels, kernel } = patches;
  const images = x.shape[0]! / side ** 2;
  const rows = images * outputSide(patches) ** 2;
  const out = wasm.makeOutput([rows, kernel * kernel * channels], "float32");
  const from = wasm.typedArrayFromHeap(x) as Float32Array;
  copyPatches(from, wasm.typedArrayFromHeap(out) as Float32Array, images, patches);
  return out;
}

function foldKernel({ inputs, backend, attrs }: Kernel): tf.TensorInfo {
  const wasm = backend as BackendWasm;
  const patches = attrs as unknown as Patches;
  const dy = inputs["dy"]!;
  const images = dy.shape[0]! / outputSide(patches) ** 2;
  const out = wasm.makeOutput([images * patches.side ** 2, patches.channels], "float32");
  const to = wasm.typedArrayFromHeap(out) as Float32Array;
  to.fill(0);
  addPatches(wasm.typedArrayFromHeap(dy) as Float32Array, to, images, patches);
  return out;
}

/** Part of a patch's row inside the image: columns kx of the kernel, from first up to last. */
interface Span {
  readonly first: number;
  readonly last: number;
}

function spanOf(origin: number, { side, kernel }: Patches): Span {
  return { first: Math.max(0, -origin), last: Math.min(kernel, side - origin) };
}

function copyPatches(x: Float32Array, out: Float32Array, images: number, patches: Patches): void {
  const { side, channels, kernel, stride } = patches;
  const steps = outputSide(patches);
  const border = Math.floor(kernel / 2);
  let at = 0;
  for (let image = 0; image < images; image++)
    for (let py = 0; py < steps; py++)
      for (let px = 0; px < steps; px++) {
        const x0 = px * stride - border;
        const { first, last } = spanOf(x0, patches);
        for (let ky = 0; ky < kernel; ky++) {
          const y = py * stride - border + ky;
          const end = at + kernel * channels;
          if (y < 0 || y >= side) {
            for (; at < end; at++) out[at] = 0;
            continue;
          }
          let from = ((image * side + y) * side + x0 + first) * channels;
          for (let k = 0; k < first * channels; k++) out[at++] = 0;
          const inside = at + (last - first) * channels;
          while (at < inside) out[at++] = x[from++]!;
          while (at < end) out[at++] = 0;
        }
      }
}

function addPatches(dy: Float32Array, out: Float32Array, images: number, patches: Patches): void {
  const { side, channels, kernel, stride } = patches;
  const steps = outputSide(patches);
  const border = Math.floor(kernel / 2);
  let at = 0;
  for (let image = 0; image < images; image++)
    for (let py = 0; py < steps; py++)
      for (let px = 0; px < steps; px++) {
        const x0 = px * stride - border;
        const { first, last } = spanOf(x0, patches);
        for (let ky = 0; ky < kernel; ky++, at += kernel * channels) {
          const y = py * stride - border + ky;
          if (y < 0 || y >= side) continue;
          let to = ((image * side + y) * side + x0 + first) * channels;
          const end = at + last * channels;
          for (let k = at + first * channels; k < end; k++, to++) out[to] = out[to]! + dy[k]!;
        }
      }
}
