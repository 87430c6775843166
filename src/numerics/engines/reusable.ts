import type { NoiseAddress } from "../../random/philox.ts";
import type {
  AnalogMatrix,
  CausalAttention,
  EngineName,
  Projection,
  VectorKernels,
} from "../engine.ts";
import type { WritePairs } from "../write-column.ts";

/** A projection that can be let go of. */
export interface DisposableProjection extends Projection {
  readonly dispose: () => void;
}

/** An engine for many models, one after the other. */
export interface ReusableEngine {
  /** What really runs: an engine that cannot work here is replaced. */
  readonly name: EngineName;
  /** Why another engine than the one asked for runs; null: it does not. */
  readonly fallbackReason: string | null;
  readonly digital: (
    weights: Float32Array,
    outputs: number,
    inputs: number,
  ) => DisposableProjection;
  readonly analog: (matrix: AnalogMatrix) => DisposableProjection;
  /** A faster attention than the transformer's own; null: the engine has none. */
  readonly attend: CausalAttention | null;
  /** Faster equals of what the transformer does between products; null: the engine has none. */
  readonly vectors: VectorKernels | null;
  /** The numbers of `fillNormals` in `random/philox.ts`, as fast as the engine can. */
  readonly fillNormals: (out: Float32Array, address: NoiseAddress) => void;
  /** A faster equal of how pairs are written in TypeScript; null: the engine has none. */
  readonly writePairs: WritePairs | null;
}
