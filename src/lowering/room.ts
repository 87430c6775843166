import type { Arch } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import { type DigitalPart, memoryIndex } from "./cores.ts";

export type Room =
  | { readonly hasRoom: true; readonly kvMemory: number }
  | {
      readonly hasRoom: false;
      readonly what: string;
      readonly needed_B: number;
      readonly available_B: number;
    };

/** Elements of keys and values that a layer keeps of one token; MLA keeps the compressed form. */
export function kvFeatures({ attention }: Pick<Workload, "attention">): number {
  return attention.kind === "heads"
    ? 2 * attention.kv_heads * attention.head_features
    : attention.kv_lora_features + attention.rope_features;
}

/** How many tokens a layer looks back at, itself included. */
export function attendedTokens(
  { attention }: Pick<Workload, "attention">,
  layer: number,
  tokens: number,
): number {
  if (attention.kind !== "heads" || attention.sliding_window_tokens === undefined) return tokens;
  const slides = attention.sliding_layers === "all" || layer % 2 === 0;
  return slides ? Math.min(tokens, attention.sliding_window_tokens) : tokens;
}

/** Size of the KV cache of `batch` sequences of that length. */
export function kvCache_B(
  workload: Workload,
  batch: number,
  tokens: number,
  element_B: number,
): number {
  let kept = 0;
  for (let layer = 0; layer < workload.layers; layer++)
    kept += attendedTokens(workload, layer, tokens);
  return Math.ceil(batch * kept * kvFeatures(workload) * element_B);
}

/** Weights that live in the weight memory; a digital tied head is the embedding once more. */
function digitalWeights_B(
  workload: Pick<Workload, "tied_head">,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  weight_B: number,
): number {
  const digital = matrices.filter(({ id }) => placement.targets[id] === "digital");
  return digital.reduce((sum, m) => sum + storedWeights_B(workload, m, weight_B), 0);
}

/** What one of them takes. */
export function storedWeights_B(
  { tied_head }: Pick<Workload, "tied_head">,
  { module, inputs, outputs }: WeightMatrix,
  weight_B: number,
): number {
  return module === "lm-head" && tied_head ? 0 : Math.ceil(inputs * outputs * weight_B);
}

/**
 * Finds a home for digital weights and for the KV cache at its longest: the first of
 * `kv_memories` with room for all of it, next to the weights if it holds those too.
 */
export function findRoom(
  arch: Arch,
  workload: Workload,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  digital: DigitalPart,
  run: {
    readonly batch: number;
    readonly prefill_tokens: number;
    readonly decode_tokens: number;
  },
): Room {
  const weights_B = digitalWeights_B(workload, matrices, placement, digital.weight_B);
  const weightMemory = arch.memories[digital.weightMemory]!;
  if (weights_B > weightMemory.capacity_B)
    return {
      hasRoom: false,
      what: `the digital weights in ${weightMemory.name}`,
      needed_B: weights_B,
      available_B: weightMemory.capacity_B,
    };
  const tokens = run.prefill_tokens + run.decode_tokens;
  const needed_B = kvCache_B(workload, run.batch, tokens, digital.activation_B);
  let available_B = 0;
  for (const name of arch.kv_memories) {
    const kvMemory = memoryIndex(arch, name);
    const taken_B = kvMemory === digital.weightMemory ? weights_B : 0;
    const free_B = arch.memories[kvMemory]!.capacity_B - taken_B;
    if (needed_B <= free_B) return { hasRoom: true, kvMemory };
    available_B = Math.max(available_B, free_B);
  }
  const what = `the KV cache of ${run.batch} x ${tokens} tokens in any of ${arch.kv_memories.join(", ")}`;
  return { hasRoom: false, what, needed_B, available_B };
}
