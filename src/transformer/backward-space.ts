import type { Workload } from "../model/workload.ts";
import type { RotaryTable } from "./rope.ts";
import { headAttention } from "./supported.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** Buffers of the reverse pass, made once and reused by every layer and batch. */
export interface ReverseSpace {
  readonly forward: Workspace;
  /** Rotates back. */
  readonly unrotary: RotaryTable;
  /** Residual stream between attention and the feed-forward part. [maxRows][hidden] */
  readonly middle: Float32Array;
  /** Queries and keys before their norms. */
  readonly rawQ: Float32Array;
  readonly rawK: Float32Array;
  /** Gradients; named as what they are the gradients of. */
  readonly dNormed: Float32Array;
  readonly dPart: Float32Array;
  readonly dAttended: Float32Array;
  readonly dQ: Float32Array;
  readonly dK: Float32Array;
  readonly dV: Float32Array;
  readonly dGate: Float32Array;
  readonly dUp: Float32Array;
  readonly dHeld: Float32Array;
  readonly dDown: Float32Array;
  /** silu(gate) * up. [maxRows][widest feed-forward part] */
  readonly held: Float32Array;
  /** dL/d(gate weight) of every choice. [maxRows][k] */
  readonly dGateWeights: Float32Array;
  readonly dRouterLogits: Float32Array;
}

/**
 * @param maxRows most tokens of a batch
 * @param maxWindowTokens longest window
 */
export function createReverseSpace(
  workload: Workload,
  maxRows: number,
  maxWindowTokens: number,
): ReverseSpace {
  const { heads, kv_heads, head_features } = headAttention(workload);
  const { experts, active_experts, expert_features, shared_features } = workload.moe;
  const widest = Math.max(expert_features, shared_features, workload.dense_features);
  const floats = (width: number) => new Float32Array(maxRows * width);
  const h = workload.hidden_features;
  const forward = createWorkspace(workload, maxRows, maxWindowTokens);
  return {
    forward,
    unrotary: { ...forward.rotary, sin: forward.rotary.sin.map((s) => -s) },
    middle: floats(h),
    rawQ: floats(heads * head_features),
    rawK: floats(kv_heads * head_features),
    dNormed: floats(h),
    dPart: floats(h),
    dAttended: floats(heads * head_features),
    dQ: floats(heads * head_features),
    dK: floats(kv_heads * head_features),
    dV: floats(kv_heads * head_features),
    dGate: floats(widest),
    dUp: floats(widest),
    dHeld: floats(widest),
    dDown: floats(h),
    held: floats(widest),
    dGateWeights: floats(active_experts),
    dRouterLogits: floats(experts),
  };
}
