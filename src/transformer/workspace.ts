import type { Workload } from "../model/workload.ts";
import type { VectorKernels } from "../numerics/engine.ts";
import { type RotaryTable, rotaryTable } from "./rope.ts";
import type { Dispatch } from "./router.ts";
import { headAttention } from "./supported.ts";
import { PLAIN_VECTORS } from "./vectors.ts";

/** Buffers of the forward pass, made once and reused by every layer and batch. */
export interface Workspace {
  readonly maxRows: number;
  readonly maxWindowTokens: number;
  /** Output of a norm. [maxRows][hidden] */
  readonly normed: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  /** Attention before the output projection. [maxRows][heads * head width] */
  readonly attended: Float32Array;
  /** What a block adds to the residual stream. [maxRows][hidden] */
  readonly added: Float32Array;
  readonly routerLogits: Float32Array;
  readonly chosen: Int32Array;
  readonly gateWeights: Float32Array;
  readonly dispatch: Dispatch;
  /** Rows of one expert. [maxRows][hidden] */
  readonly gathered: Float32Array;
  readonly gatheredIds: Uint32Array;
  /** [maxRows][widest feed-forward part] */
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
  /** Outputs of all routed experts, in the order of `dispatch.slots`. [maxRows * k][hidden] */
  readonly outputs: Float32Array;
  readonly vectors: VectorKernels;
  readonly rotary: RotaryTable;
}

/**
 * @param maxRows most tokens of a batch
 * @param maxWindowTokens longest window
 * @param vectors the engine's; left out: those in TypeScript
 */
export function createWorkspace(
  workload: Workload,
  maxRows: number,
  maxWindowTokens: number,
  vectors: VectorKernels = PLAIN_VECTORS,
): Workspace {
  const { heads, kv_heads, head_features } = headAttention(workload);
  const { experts, active_experts, expert_features, shared_features } = workload.moe;
  const widest = Math.max(expert_features, shared_features, workload.dense_features);
  const floats = (width: number) => new Float32Array(maxRows * width);
  const h = workload.hidden_features;
  return {
    maxRows,
    maxWindowTokens,
    normed: floats(h),
    q: floats(heads * head_features),
    k: floats(kv_heads * head_features),
    v: floats(kv_heads * head_features),
    attended: floats(heads * head_features),
    added: floats(h),
    routerLogits: floats(experts),
    chosen: new Int32Array(maxRows * active_experts),
    gateWeights: floats(active_experts),
    dispatch: {
      begin: new Int32Array(experts + 1),
      slots: new Int32Array(maxRows * active_experts),
    },
    gathered: floats(h),
    gatheredIds: new Uint32Array(maxRows),
    gate: floats(widest),
    up: floats(widest),
    down: floats(h),
    outputs: floats(active_experts * h),
    vectors,
    rotary: rotaryTable(workload.rope_theta, head_features, maxWindowTokens),
  };
}
