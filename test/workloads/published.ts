/**
 * Parameter counts of ten models.
 *
 * Totals and experts: the tensor shapes of the published checkpoints, summed outside this program,
 * and equal to the sizes that the model cards state. `active` is printed in billions with three
 * decimals: attention, norms, router, k experts, shared experts, dense layers and an untied LM
 * head; not the embedding.
 */
export const PUBLISHED = [
  {
    name: "olmoe-1b-7b",
    total: 6_919_161_856,
    one_expert: 6_291_456,
    active_billion: "1.179",
    expert_percent: "93.11",
  },
  {
    name: "deepseekmoe-16b",
    total: 16_375_728_128,
    one_expert: 8_650_752,
    active_billion: "2.619",
    expert_percent: "91.28",
  },
  {
    name: "deepseek-v2-lite",
    total: 15_706_484_224,
    one_expert: 8_650_752,
    active_billion: "2.451",
    expert_percent: "91.65",
  },
  {
    name: "mixtral-8x7b",
    total: 46_702_792_704,
    one_expert: 176_160_768,
    active_billion: "12.749",
    expert_percent: "96.56",
  },
  {
    name: "qwen1.5-moe-a2.7b",
    total: 14_315_784_192,
    one_expert: 8_650_752,
    active_billion: "2.378",
    expert_percent: "87.02",
  },
  {
    name: "qwen3-30b-a3b",
    total: 30_532_122_624,
    one_expert: 4_718_592,
    active_billion: "3.042",
    expert_percent: "94.95",
  },
  {
    name: "gpt-oss-20b",
    total: 20_914_757_184,
    one_expert: 24_891_840,
    active_billion: "3.608",
    expert_percent: "91.40",
  },
  {
    name: "deepseek-v3",
    total: 671_026_419_200,
    one_expert: 44_040_192,
    active_billion: "36.626",
    expert_percent: "97.45",
  },
  {
    name: "phi-3.5-moe",
    total: 41_873_153_344,
    one_expert: 78_643_200,
    active_billion: "6.510",
    expert_percent: "96.16",
  },
  {
    name: "granite-3.0-1b-a400m",
    total: 1_334_628_352,
    one_expert: 1_572_864,
    active_billion: "0.378",
    expert_percent: "90.51",
  },
] as const;
