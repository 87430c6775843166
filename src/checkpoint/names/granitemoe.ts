import { decoderNames, mergedExperts } from "./decoder.ts";

/** Granite 3 MoE: experts are always merged. */
export const granitemoe = decoderNames({
  router: ["block_sparse_moe.router.layer.weight"],
  expert: mergedExperts(
    "block_sparse_moe.input_linear.weight",
    "block_sparse_moe.output_linear.weight",
  ),
});
