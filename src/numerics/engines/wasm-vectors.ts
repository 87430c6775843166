/** What a decoder does between its products, on the kernels: copied in, done, and copied out. */
import type { VectorKernels } from "../engine.ts";
import type { WasmContext } from "./wasm-digital.ts";
import { roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** Numbers of an array that are worked on at a time: they stay in a second-level cache. */
const CHUNK = 32768;
const LINE_B = 64;

/** Places of arrays of float32, one after another, in scratch space. */
function places({ arena }: WasmContext, lengths: readonly number[]): Pointer[] {
  const sizes = lengths.map((length) => roundUp(4 * length, LINE_B));
  let at = roundUp(arena.scratch(sizes.reduce((sum, size) => sum + size, LINE_B)), LINE_B);
  return sizes.map((size) => {
    const place = at;
    at += size;
    return place;
  });
}

/** Copies part of an array in. */
function put({ arena }: WasmContext, x: Float32Array, begin: number, end: number, at: Pointer) {
  arena.floats().set(begin === 0 && end === x.length ? x : x.subarray(begin, end), at / 4);
}

/** Copies numbers out to `begin`. */
function take({ arena }: WasmContext, at: Pointer, count: number, to: Float32Array, begin: number) {
  to.set(arena.floats().subarray(at / 4, at / 4 + count), begin);
}

/** Equal bit for bit to what the transformer has in TypeScript. */
export function createWasmVectors(context: WasmContext): VectorKernels {
  const { kernels } = context;
  return {
    rmsNorm: rmsNorm(context),
    addTo: inPlace(context, kernels.addTo),
    swiglu: inPlace(context, kernels.swiglu),
    addWeighted: addWeighted(context),
    logSumExp: logSumExp(context),
    klDivergence: (logP, pBegin, logits, qBegin, logNormaliser, count) => {
      const [p, x] = places(context, [count, count]) as [number, number];
      put(context, logP, pBegin, pBegin + count, p);
      put(context, logits, qBegin, qBegin + count, x);
      return kernels.divergence(p, x, count, logNormaliser);
    },
  };
}

function rmsNorm(context: WasmContext): VectorKernels["rmsNorm"] {
  return (x, rows, weight, epsilon, y) => {
    const width = weight.length;
    const some = Math.max(1, Math.floor(CHUNK / width));
    const sizes = [width, Math.min(rows, some) * width];
    const [weights, at] = places(context, sizes) as [number, number];
    put(context, weight, 0, width, weights);
    for (let row = 0; row < rows; row += some) {
      const end = Math.min(row + some, rows);
      put(context, x, row * width, end * width, at);
      context.kernels.rmsNorm(at, end - row, width, weights, epsilon, at);
      take(context, at, (end - row) * width, y, row * width);
    }
  };
}

/** What changes one array by another, number by number. */
function inPlace(
  context: WasmContext,
  kernel: (to: Pointer, by: Pointer, count: number) => void,
): (to: Float32Array, by: Float32Array, count: number) => void {
  return (to, by, count) => {
    const most = Math.min(count, CHUNK);
    const [a, b] = places(context, [most, most]) as [number, number];
    for (let begin = 0; begin < count; begin += CHUNK) {
      const end = Math.min(begin + CHUNK, count);
      put(context, to, begin, end, a);
      put(context, by, begin, end, b);
      kernel(a, b, end - begin);
      take(context, a, end - begin, to, begin);
    }
  };
}

function addWeighted(context: WasmContext): VectorKernels["addWeighted"] {
  return (y, slots, weights, count, k, width, added) => {
    const some = Math.max(1, Math.floor(CHUNK / width));
    const total = (count / k) * width;
    const sizes = [total, count, count, Math.min(some, count) * width];
    const [to, order, factors, part] = places(context, sizes) as [number, number, number, number];
    put(context, added, 0, total, to);
    put(context, weights, 0, count, factors);
    context.arena.words().set(slots.subarray(0, count), order / 4);
    for (let begin = 0; begin < count; begin += some) {
      const end = Math.min(begin + some, count);
      put(context, y, begin * width, end * width, part);
      context.kernels.addWeighted(part, order + 4 * begin, factors, end - begin, k, width, to);
    }
    take(context, to, total, added, 0);
  };
}

function logSumExp(context: WasmContext): VectorKernels["logSumExp"] {
  return (x, begin, count) => {
    const [at] = places(context, [count]) as [number];
    put(context, x, begin, begin + count, at);
    const { kernels } = context;
    const largest = kernels.largestOf(at, count);
    const result = largest + Math.log(kernels.sumOfExps(at, count, largest));
    if (!Number.isFinite(result)) throw new Error("a logit is not finite");
    return result;
  };
}
