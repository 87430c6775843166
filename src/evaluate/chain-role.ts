import type { WeightMatrix } from "../model/matrix.ts";

/**
 * What a product that every token takes is to the chain of its layer: one after the other with all
 * else ("rows", "gated"), of attention in one of the two ways ("q", "kv"), side by side with
 * others before attention ("first"); or nothing waits for it.
 */
export type ChainRole = "rows" | "gated" | "q" | "kv" | "first" | "beside";

/** @param matrix the first of the unit */
export function chainRole(
  { module, part }: WeightMatrix,
  isNetwork: boolean,
  latentAttention: boolean,
): ChainRole {
  if (module === "shared") return "beside";
  if (isNetwork) return "gated";
  if (part === "o" || module === "lm-head") return "rows";
  if (part === "kv_a" || part === "kv_b") return "kv";
  if (part === "q_a" || part === "q_b" || latentAttention) return "q";
  return part === "v" ? "beside" : "first";
}
