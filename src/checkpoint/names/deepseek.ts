import { whole } from "../place.ts";
import { decoderNames, GATED, separateExperts, transformers5Experts } from "./decoder.ts";

const separate = separateExperts("mlp", GATED);

/** DeepSeekMoE, V2, and V3: the generations differ in attention and in the router's bias only. */
export const deepseek = decoderNames({
  router: ["mlp.gate.weight"],
  expert: (expert, part) => [...separate(expert, part), ...transformers5Experts(expert, part)],
  shared: "mlp.shared_experts",
  vector: ({ kind }) =>
    kind === "selection-bias" ? [whole("mlp.gate.e_score_correction_bias")] : [],
});
