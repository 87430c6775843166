import { readFileSync } from "node:fs";
import { createPriceList } from "../../../src/cost/price.ts";
import { type WeightMatrix, weightMatrices } from "../../../src/model/matrix.ts";
import type { Op } from "../../../src/model/op.ts";
import type { Workload } from "../../../src/model/workload.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

const BATCH = 32;
const olmoe = JSON.parse(
  readFileSync(new URL("../../../workloads/olmoe-1b-7b.json", import.meta.url), "utf8"),
) as Workload;

const matrices = weightMatrices(olmoe);
const row = rowsOf("A5 OLMoE on analog and digital hardware (arXiv 2603.02633, table 2)", 0.1);

/** Energy of the MVMs of one token with attention and the active experts on 512 x 512 tiles. */
function mvmEnergy_uJ(): number {
  const { price } = createPriceList(loadArch("pcm-3d"));
  const mvm: Op = { kind: "mvm", tileKind: 0, rows: 512, cols: 512 };
  const mvm_pJ = price(mvm).charges.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);
  const blocks = (m: WeightMatrix) => Math.ceil(m.inputs / 512) * Math.ceil(m.outputs / 512);
  const used = matrices.filter(
    (m) =>
      m.module === "attention" || (m.module === "expert" && m.expert < olmoe.moe.active_experts),
  );
  return (used.reduce((sum, m) => sum + blocks(m), 0) * mvm_pJ) / 1e6;
}

/** A step of the batch on the GPU: every matrix is fetched once; arithmetic is hidden behind it. */
function digitalStep_ns(): number {
  const arch = loadArch("gpu-a100-roofline");
  const memory = arch.memories.findIndex(({ name }) => name === arch.weight_memory);
  const weights = matrices
    .filter((m) => m.module !== "embedding")
    .reduce((sum, m) => sum + m.inputs * m.outputs, 0);
  const fetch: Op = { kind: "memory", memory, access: "read", bytes: 2 * weights };
  return createPriceList(arch).price(fetch).duration_ps / 1000;
}

const tokensPerSecond = BATCH / (digitalStep_ns() * 1e-9);
const gpu_W = loadArch("gpu-a100-roofline").cores[0]!.static_mW / 1000;

/** Closed forms of prices and counts; what scheduling adds is not in them. */
export const olmoeHybridRows: readonly ValidationRow[] = [
  row("all analog: energy of the MVMs of a token", "uJ", 41.8, mvmEnergy_uJ(), {
    remark: "published: 1 / 23,949 tokens/J; ours: attention and 8 experts, without LM head",
  }),
  row("all digital, batch 32", "tokens/s", 4220, tokensPerSecond, {
    tolerance_frac: 0.02,
    fitted: true,
    remark: "the memory bandwidth is calibrated on this row",
  }),
  row("all digital, batch 32", "tokens/J", 10.55, tokensPerSecond / gpu_W, {
    tolerance_frac: 0.02,
    fitted: true,
    remark: "400 W is the ratio of the two published figures",
  }),
];
