/** A fine-tuned model as a checkpoint folder, in the layout that it came in. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MatrixRanges } from "../../accuracy/evaluator.ts";
import { encodeSafetensors } from "../../checkpoint/write-safetensors.ts";
import { checkpointTensors } from "../../training/moe/export.ts";
import type { AnalogDecoder } from "../../training/moe/state.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import { readBytes, writeWhole } from "../files.ts";
import { readJsonFile } from "../inputs.ts";
import { configOf } from "../presets.ts";

/** Copied as they are, where the folder has them. */
const COMPANIONS = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
];

/**
 * The weights come last: a folder that was cut off while it was written is no checkpoint.
 *
 * @param from folder of the model before
 * @throws InputError if something cannot be written
 */
export function writeCheckpoint(
  from: string,
  to: string,
  model: AnalogDecoder,
  trained: { readonly weights: ModelWeights; readonly ranges: MatrixRanges },
): void {
  const config = readJsonFile(configOf(from)) as Readonly<Record<string, unknown>>;
  const written = { ...config, torch_dtype: "float32" };
  writeWhole(join(to, "config.json"), `${JSON.stringify(written, null, 2)}\n`);
  for (const name of COMPANIONS) {
    const file = join(from, name);
    if (existsSync(file)) writeWhole(join(to, name), readBytes(file));
  }
  const tensors = checkpointTensors(model, trained.weights, trained.ranges);
  const metadata = { note: "fine-tuned by ohmoe; input_range: DAC full scales of analog matrices" };
  writeWhole(join(to, "model.safetensors"), encodeSafetensors(tensors, metadata));
}
