import { decoderNames, GATED, separateExperts, transformers5Experts } from "./decoder.ts";

const separate = separateExperts("mlp", GATED);

/** Qwen1.5-MoE and Qwen2-MoE: one shared expert, weighted by a gate of its own. */
export const qwen2Moe = decoderNames({
  router: ["mlp.gate.weight"],
  expert: (expert, part) => [...separate(expert, part), ...transformers5Experts(expert, part)],
  shared: "mlp.shared_expert",
  sharedGate: "mlp.shared_expert_gate.weight",
});
