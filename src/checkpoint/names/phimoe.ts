import { decoderNames, NUMBERED, separateExperts, transformers5Experts } from "./decoder.ts";

const separate = separateExperts("block_sparse_moe", NUMBERED);

/** Phi-3.5-MoE; transformers 5 calls `block_sparse_moe.gate` `mlp.router`. */
export const phimoe = decoderNames({
  router: ["block_sparse_moe.gate.weight", "mlp.router.weight", "mlp.gate.weight"],
  expert: (expert, part) => [...separate(expert, part), ...transformers5Experts(expert, part)],
});
