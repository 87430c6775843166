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
