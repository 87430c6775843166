import { decoderNames, GATED, separateExperts, transformers5Experts } from "./decoder.ts";

const separate = separateExperts("mlp", GATED);

/** OLMoE. */
export const olmoe = decoderNames({
  router: ["mlp.gate.weight"],
  expert: (expert, part) => [...separate(expert, part), ...transformers5Experts(expert, part)],
});
