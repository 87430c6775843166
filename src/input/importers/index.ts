import { InputError } from "../../model/issue.ts";
import { type Workload, WorkloadSchema } from "../../model/workload.ts";
import { parseWith } from "../validate.ts";
import { nearest, show } from "../wording.ts";
import { workloadChecks } from "../workload-checks.ts";
import { createConfigReader } from "./config-reader.ts";
import { deepseek } from "./deepseek.ts";
import { deepseekV2 } from "./deepseek-v2.ts";
import { deepseekV3 } from "./deepseek-v3.ts";
import { gptOss } from "./gpt-oss.ts";
import { granitemoe } from "./granitemoe.ts";
import type { Importer } from "./importer.ts";
import { mixtral } from "./mixtral.ts";
import { olmoe } from "./olmoe.ts";
import { phimoe } from "./phimoe.ts";
import { qwen2Moe } from "./qwen2-moe.ts";
import { qwen3Moe } from "./qwen3-moe.ts";

/** Every importer; the key is the `model_type` of the config. */
export const importers = {
  olmoe,
  deepseek,
  deepseek_v2: deepseekV2,
  deepseek_v3: deepseekV3,
  mixtral,
  qwen2_moe: qwen2Moe,
  qwen3_moe: qwen3Moe,
  gpt_oss: gptOss,
  phimoe,
  granitemoe,
} as const satisfies Record<string, Importer>;

export type ModelType = keyof typeof importers;
export const modelTypes = Object.keys(importers) as readonly ModelType[];

/**
 * A Hugging Face `config.json` -> a workload.
 *
 * @param config the parsed file
 * @param name of the workload
 * @throws InputError for an unknown `model_type`, and for every field that is missing or wrong
 */
export function importWorkload(config: unknown, file: string, name: string): Workload {
  const fields = requireObject(config, file);
  const family = requireModelType(fields, file);
  const reader = createConfigReader(fields, file);
  const shape = importers[family].read(reader);
  reader.finish();
  const origin = fields["_name_or_path"];
  const workload = {
    format: "workload/1",
    name,
    family,
    source:
      typeof origin === "string" && origin !== ""
        ? `config.json of ${origin}`
        : `config.json, model_type ${family}`,
    ...shape,
  };
  return parseWith(WorkloadSchema, workload, file, workloadChecks);
}

function requireObject(config: unknown, file: string): Readonly<Record<string, unknown>> {
  if (typeof config === "object" && config !== null && !Array.isArray(config))
    return config as Record<string, unknown>;
  throw new InputError(file, [
    { pointer: "", found: show(config), allowed: "an object: a Hugging Face config.json" },
  ]);
}

function requireModelType(fields: Readonly<Record<string, unknown>>, file: string): ModelType {
  const found = Object.hasOwn(fields, "model_type") ? fields["model_type"] : undefined;
  const known = modelTypes.find((type) => type === found);
  if (known !== undefined) return known;
  const near = typeof found === "string" ? nearest(found, modelTypes) : undefined;
  const issue = { pointer: "/model_type", found: show(found), allowed: modelTypes.join(", ") };
  throw new InputError(file, [
    near === undefined ? issue : { ...issue, hint: `did you mean ${near}?` },
  ]);
}
