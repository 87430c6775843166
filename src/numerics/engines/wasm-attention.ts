import type { AttentionShape, CausalAttention } from "../engine.ts";
import type { WasmContext } from "./wasm-digital.ts";
import { roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** The kernel works on vectors of eight features; narrower heads are padded with zeros. */
const LANES = 8;
const LINE_B = 64;

/**
 * Attention in float32: within 1e-5 of the transformer's own float64 for values of size one.
 *
 * Window by window, so that the copies stay small; rows of one window do not influence another.
 */
export function createWasmAttention({ kernels, arena }: WasmContext): CausalAttention {
  return (shape, q, k, v, windowBegin, y) => {
    const { heads, kvHeads, headFeatures: width } = shape;
    for (let w = 0; w + 1 < windowBegin.length; w++) {
      const begin = windowBegin[w]!;
      const tokens = windowBegin[w + 1]! - begin;
      if (tokens === 0) continue;
      const part = (x: Float32Array, ofHeads: number): Float32Array =>
        x.subarray(begin * ofHeads * width, (begin + tokens) * ofHeads * width);
      const at = layOut(shape, tokens, (size_B) => arena.scratch(size_B));
      const floats = arena.floats();
      const padded = roundUp(width, LANES);
      spread(part(q, heads), width, floats, at.q / 4, padded);
      spread(part(k, kvHeads), width, floats, at.k / 4, padded);
      spread(part(v, kvHeads), width, floats, at.v / 4, padded);
      const scale = 1 / Math.sqrt(width);
      kernels.causalAttention(
        at.q,
        at.k,
        at.v,
        at.y,
        at.space,
        tokens,
        heads,
        kvHeads,
        padded,
        scale,
      );
      gather(floats, at.y / 4, padded, part(y, heads), width);
    }
  };
}

interface Addresses {
  readonly q: Pointer;
  readonly k: Pointer;
  readonly v: Pointer;
  readonly y: Pointer;
  readonly space: Pointer;
}

function layOut(
  { heads, kvHeads, headFeatures }: AttentionShape,
  tokens: number,
  scratch: (size_B: number) => Pointer,
): Addresses {
  const padded = roundUp(headFeatures, LANES);
  const queries_B = roundUp(4 * tokens * heads * padded, LINE_B);
  const keys_B = roundUp(4 * tokens * kvHeads * padded, LINE_B);
  const space_B = 4 * (padded + 4) * roundUp(tokens, LANES);
  const q = roundUp(scratch(2 * queries_B + 2 * keys_B + space_B + LINE_B), LINE_B);
  const k = q + queries_B;
  const v = k + keys_B;
  const y = v + keys_B;
  return { q, k, v, y, space: y + queries_B };
}

/** Copies rows of `width` to rows of `padded`, the rest of which becomes 0. */
function spread(
  x: Float32Array,
  width: number,
  to: Float32Array,
  at: number,
  padded: number,
): void {
  if (width === padded) {
    to.set(x, at);
    return;
  }
  const rows = x.length / width;
  to.fill(0, at, at + rows * padded);
  for (let row = 0; row < rows; row++)
    to.set(x.subarray(row * width, (row + 1) * width), at + row * padded);
}

/** The inverse. */
function gather(
  from: Float32Array,
  at: number,
  padded: number,
  y: Float32Array,
  width: number,
): void {
  const rows = y.length / width;
  if (width === padded) y.set(from.subarray(at, at + y.length));
  else
    for (let row = 0; row < rows; row++)
      y.set(from.subarray(at + row * padded, at + row * padded + width), row * width);
}
