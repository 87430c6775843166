/** Digital products by a BLAS of the system; all else by the WASM engine. */
import { requireFinite } from "../finite.ts";
import type { ReusableEngine } from "./reusable.ts";
import { createWasmEngine } from "./wasm.ts";

/**
 * y[row][output] = sum over inputs of x[row][input] * weights[output][input], in float32.
 *
 * The shell supplies it, since the core loads no library: `src/cli/blas.ts`.
 */
export type NativeProduct = (
  x: Float32Array,
  rows: number,
  weights: Float32Array,
  outputs: number,
  inputs: number,
  y: Float32Array,
) => void;

/**
 * Sums run in an order that the library chooses, so digital results agree with other engines to
 * rounding only; analog ones are the WASM engine's, bit for bit.
 *
 * @param product null: there is none, and the WASM engine runs alone
 * @param reason why there is none
 */
export function createNativeEngine(
  product: NativeProduct | null,
  reason: string | null,
): ReusableEngine {
  const wasm = createWasmEngine();
  if (product === null)
    return { ...wasm, fallbackReason: `native products are not to be had: ${reason}` };
  return {
    ...wasm,
    name: "native",
    digital: (weights, outputs, inputs) => {
      requireFinite(weights, "weight", inputs);
      return {
        inputs,
        outputs,
        apply: (x, rows, _rowIds, y) => {
          if (rows > 0) product(x, rows, weights, outputs, inputs, y);
        },
        dispose: () => {},
      };
    },
  };
}
