import { readFileSync } from "node:fs";
import { createPriceList } from "../../../src/cost/price.ts";
import { evaluateCost } from "../../../src/evaluate/cost.ts";
import type { Arch } from "../../../src/model/arch.ts";
import { type WeightMatrix, weightMatrices } from "../../../src/model/matrix.ts";
import type { Op } from "../../../src/model/op.ts";
import type { Placement } from "../../../src/model/placement.ts";
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

interface Decode {
  readonly tokens_per_s: number;
  readonly tokens_per_J: number;
}

/** A decode step of the batch, simulated; one token of context, so that the KV cache is no load. */
function decode(arch: Arch, isAnalog: (matrix: WeightMatrix) => boolean): Decode {
  const placement: Placement = {
    name: arch.name,
    targets: matrices.map((matrix) => (isAnalog(matrix) ? "analog" : "digital")),
  };
  const { decode: step, infeasible_reason } = evaluateCost(arch, olmoe, placement, {
    seed: 1,
    batch: BATCH,
    prefill_tokens: 1,
    decode_tokens: 1,
    routing: { kind: "uniform" },
    level: "simulate",
    overflow: "infeasible",
  });
  if (step === null) throw new Error(`${arch.name}: ${infeasible_reason}`);
  return {
    tokens_per_s: BATCH / (step.latency_ns * 1e-9),
    tokens_per_J: step.tokens / (step.energy_pJ * 1e-12),
  };
}

const expertFrom = (first: number) => (matrix: WeightMatrix) =>
  matrix.module === "expert" && matrix.expert >= first;
const hybrid = loadArch("a100-pcm-3d");
const allDigital = decode(loadArch("gpu-a100-roofline"), () => false);
/** 16 of 64 experts, attention and LM head digital: 28.65 % of the parameters. */
const quarterDigital = decode(hybrid, expertFrom(16));
const denseDigital = decode(hybrid, expertFrom(0));
const fastLinks = decode(
  {
    ...hybrid,
    interconnect: { ...hybrid.interconnect, link_GBps: 100 * hybrid.interconnect.link_GBps },
  },
  expertFrom(0),
);
const allAnalog = decode(
  loadArch("pcm-3d"),
  ({ module }) => module === "expert" || module === "attention" || module === "lm-head",
);

const peer = rowsOf("C1 3D-CiM paper (Nature Computational Science 2025), over an A100", null);
const c1 = (quantity: string, published: number, ours: number): ValidationRow =>
  peer(`${quantity}, MoE on 3D tiles over A100`, "", published, ours, {
    remark:
      "published: up to, for models and chips of its own, known second-hand; ours: OLMoE, batch 32, all analog on pcm-3d",
  });

const calibrated = { tolerance_frac: 0.02, kind: "calibrated" as const };
const dense =
  "ours waits for the network, 24 ns per 512 bytes and link as in the 3D-CiM operation table; what the paper assumes for its network is not told. The next rows show how much that decides";
const analog =
  "what makes the published row slow, and leaves 32 mW for the whole chip, is not told; our chip draws 5.3 W before it computes (placeholder power of the 3D-CiM simulator)";

export const olmoeHybridRows: readonly ValidationRow[] = [
  row("all analog: energy of the MVMs of a token", "uJ", 41.8, mvmEnergy_uJ(), {
    remark: "published: 1 / 23,949 tokens/J; ours: attention and 8 experts, without LM head",
  }),
  row("100 % digital", "tokens/s", 4220, allDigital.tokens_per_s, {
    ...calibrated,
    remark: "the memory bandwidth is calibrated on this row",
  }),
  row("100 % digital", "tokens/J", 10.55, allDigital.tokens_per_J, {
    ...calibrated,
    remark: "400 W is the ratio of the two published figures",
  }),
  row("28.65 % digital", "tokens/s", 14_513, quarterDigital.tokens_per_s),
  row("28.65 % digital", "tokens/J", 36.25, quarterDigital.tokens_per_J),
  row("5.37 % digital", "tokens/s", 49_781, denseDigital.tokens_per_s, {
    tolerance_frac: null,
    remark: dense,
  }),
  row("5.37 % digital", "tokens/J", 123.92, denseDigital.tokens_per_J, {
    tolerance_frac: null,
    remark: dense,
  }),
  row("5.37 % digital, our links 100 times faster", "tokens/s", 49_781, fastLinks.tokens_per_s, {
    tolerance_frac: null,
  }),
  row("5.37 % digital, our links 100 times faster", "tokens/J", 123.92, fastLinks.tokens_per_J, {
    tolerance_frac: null,
  }),
  row("all analog", "tokens/s", 768, allAnalog.tokens_per_s, {
    tolerance_frac: null,
    remark: analog,
  }),
  row("all analog", "tokens/J", 23_949, allAnalog.tokens_per_J, {
    tolerance_frac: null,
    remark: analog,
  }),
  c1("throughput", 6, allAnalog.tokens_per_s / allDigital.tokens_per_s),
  c1("tokens per joule", 1000, allAnalog.tokens_per_J / allDigital.tokens_per_J),
];
