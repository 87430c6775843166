import { fillNormals } from "../../random/philox.ts";
import type { EngineName } from "../engine.ts";
import { createNativeEngine, type NativeProduct } from "./native.ts";
import { createReferenceEngine } from "./reference.ts";
import type { ReusableEngine } from "./reusable.ts";
import { createWasmEngine } from "./wasm.ts";

/** What the shell found of native code. */
export interface Native {
  readonly product: NativeProduct | null;
  /** Why there is no product; null when there is. */
  readonly reason: string | null;
}

const NO_NATIVE: Native = { product: null, reason: "no library was loaded" };

/** Every engine by its name. */
const engines: Readonly<Record<EngineName, (native: Native) => ReusableEngine>> = {
  reference: () => {
    const engine = createReferenceEngine();
    const dispose = (): void => {};
    return {
      name: engine.name,
      fallbackReason: null,
      digital: (...args) => ({ ...engine.digital(...args), dispose }),
      analog: (matrix) => ({ ...engine.analog(matrix), dispose }),
      attend: null,
      vectors: null,
      fillNormals,
      writePairs: null,
    };
  },
  wasm: createWasmEngine,
  native: ({ product, reason }) => createNativeEngine(product, reason),
  // Whole models run on the GPU (`src/gpu`); single products, in calibration say, run here.
  webgpu: createWasmEngine,
};

/** @param native only `native` needs it */
export const createEngine = (name: EngineName, native: Native = NO_NATIVE): ReusableEngine =>
  engines[name](native);
