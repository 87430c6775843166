import { deepseek } from "./deepseek.ts";
import type { FamilyNames } from "./family.ts";
import { gptOss } from "./gpt-oss.ts";
import { granitemoe } from "./granitemoe.ts";
import { mixtral } from "./mixtral.ts";
import { olmoe } from "./olmoe.ts";
import { phimoe } from "./phimoe.ts";
import { qwen2Moe } from "./qwen2-moe.ts";
import { qwen3Moe } from "./qwen3-moe.ts";

/** Every family whose checkpoints can be read; the key is `Workload.family`. */
export const familyNames = {
  olmoe,
  deepseek,
  deepseek_v2: deepseek,
  deepseek_v3: deepseek,
  mixtral,
  qwen2_moe: qwen2Moe,
  qwen3_moe: qwen3Moe,
  gpt_oss: gptOss,
  phimoe,
  granitemoe,
} as const satisfies Record<string, FamilyNames>;

export type CheckpointFamily = keyof typeof familyNames;
export const checkpointFamilies = Object.keys(familyNames) as readonly CheckpointFamily[];
