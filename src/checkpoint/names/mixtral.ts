import { decoderNames, NUMBERED, separateExperts, transformers5Experts } from "./decoder.ts";

const separate = separateExperts("block_sparse_moe", NUMBERED);

/** Mixtral; transformers 5 calls `block_sparse_moe` `mlp`. */
export const mixtral = decoderNames({
  router: ["block_sparse_moe.gate.weight", "mlp.gate.weight"],
  expert: (expert, part) => [...separate(expert, part), ...transformers5Experts(expert, part)],
});
