/** The default engine: SIMD kernels in WebAssembly, in Node and in browsers. */

import { fillNormals, type NoiseAddress } from "../../random/philox.ts";
import type { AnalogMatrix, CausalAttention, Engine, VectorKernels } from "../engine.ts";
import type { WritePairs } from "../write-column.ts";
import { createReferenceEngine } from "./reference.ts";
import { createAnalog } from "./wasm-analog.ts";
import { createWasmAttention } from "./wasm-attention.ts";
import { createDigital, type WasmContext, type WasmProjection } from "./wasm-digital.ts";
import { createArena } from "./wasm-memory.ts";
import { instantiateKernels } from "./wasm-module.ts";
import { createWritePairs, fillNormalsWasm } from "./wasm-program.ts";
import { createWasmVectors } from "./wasm-vectors.ts";

export interface WasmEngine extends Engine {
  /** Why the reference engine runs instead; null: it does not. */
  readonly fallbackReason: string | null;
  readonly digital: (weights: Float32Array, outputs: number, inputs: number) => WasmProjection;
  readonly analog: (matrix: AnalogMatrix) => WasmProjection;
  /** null: the engine has none. */
  readonly attend: CausalAttention | null;
  /** null: the engine has none. */
  readonly vectors: VectorKernels | null;
  /** The same numbers as `fillNormals` of `random/philox.ts`, about fifteen times as fast. */
  readonly fillNormals: (out: Float32Array, address: NoiseAddress) => void;
  /** null: that in TypeScript. */
  readonly writePairs: WritePairs | null;
  /** Disposes of every projection at once. */
  readonly release: () => void;
  /** Memory held by projections. */
  readonly used_B: () => number;
}

/**
 * An engine with a memory of its own (up to 4 GiB; grows as projections are made, and never
 * shrinks). Where the kernels cannot run, the reference engine with `fallbackReason` set.
 */
export function createWasmEngine(): WasmEngine {
  try {
    const { kernels, memory } = instantiateKernels();
    let era = 0;
    const arena = createArena(memory, kernels.heapBase());
    const context: WasmContext = { kernels, arena, era: () => era };
    return {
      name: "wasm",
      fallbackReason: null,
      digital: (weights, outputs, inputs) => createDigital(context, weights, outputs, inputs),
      analog: (matrix) => createAnalog(context, matrix),
      attend: createWasmAttention(context),
      vectors: createWasmVectors(context),
      fillNormals: (out, address) => fillNormalsWasm(context, out, address),
      writePairs: createWritePairs(context),
      release: () => {
        era++;
        arena.reset();
      },
      used_B: arena.used_B,
    };
  } catch (error) {
    return fallback(error instanceof Error ? error.message : String(error));
  }
}

function fallback(reason: string): WasmEngine {
  const reference = createReferenceEngine();
  const dispose = (): void => {};
  return {
    name: reference.name,
    fallbackReason: `WebAssembly SIMD kernels do not run here: ${reason}`,
    digital: (...args) => ({ ...reference.digital(...args), dispose }),
    analog: (matrix) => ({ ...reference.analog(matrix), dispose }),
    attend: null,
    vectors: null,
    fillNormals,
    writePairs: null,
    release: dispose,
    used_B: () => 0,
  };
}
