/** What the two Qwen MoE generations share. */
import type { ConfigReader } from "./config-reader.ts";
import { readDense } from "./decoder.ts";
import type { ImportedShape } from "./importer.ts";

/** Every `decoder_sparse_step`-th layer has experts, but for those that `mlp_only_layers` names. */
export function readQwenDense(
  config: ConfigReader,
): Pick<ImportedShape, "dense_layers" | "dense_features"> {
  const step = config.count("decoder_sparse_step", 1);
  const named = new Set(config.layerNumbers("mlp_only_layers", []));
  return readDense(config, (layer) => named.has(layer) || (layer + 1) % step !== 0);
}
