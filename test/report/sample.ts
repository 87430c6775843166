/** Reports to render: real costs of a small model on a shipped chip, made-up accuracies. */
import { componentSources } from "../../src/cost/sources.ts";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { expertLayers, expertLoad } from "../../src/evaluate/expert-load.ts";
import { chipOf } from "../../src/evaluate/floorplan.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { Report } from "../../src/model/report.ts";
import { buildReport, type EvaluatedPlacement } from "../../src/report/build.ts";
import {
  allAnalog,
  allDigital,
  expertsAnalog,
  loadArch,
  loadWorkload,
  OPTIONS,
} from "../evaluate/load.ts";

const arch = loadArch("hetero-pcm");
const workload = { ...loadWorkload("tiny-olmoe"), layers: 2 };
const matrices = weightMatrices(workload);
const options = { ...OPTIONS, prefill_tokens: 6, decode_tokens: 2, detail: true, explain: true };

/** Experts of even number are digital. */
const halfDigital: Placement = {
  name: "half",
  targets: expertsAnalog(workload).targets.map((target, id) =>
    matrices[id]!.expert % 2 === 0 ? "digital" : target,
  ),
};

const costs: readonly CostEvaluation[] = [
  allDigital(workload),
  allAnalog(workload),
  expertsAnalog(workload),
  halfDigital,
].map((placement) => evaluateCost(arch, workload, placement, options));

const infeasible: CostEvaluation = {
  ...costs[1]!,
  feasible: false,
  infeasible_reason: "analog matrices need 999 crossbars, the chip has 480",
  analog_busy_frac: null,
  prefill: null,
  decode: null,
  breakdown: [],
  components: [],
};

function evaluated(name: string, i: number, withAccuracy: boolean): EvaluatedPlacement {
  const cost = name.startsWith("too-large") ? infeasible : costs[i % costs.length]!;
  const nll = 3.8 + 0.01 * ((7 * i) % 11);
  const isNoisy = i % costs.length !== 0;
  const hasAccuracy = withAccuracy && cost.feasible;
  return {
    name,
    cost,
    shares: {
      digital_parameters_frac: cost.digital_parameters_frac,
      digital_experts_frac: cost.digital_experts_frac,
    },
    accuracy: hasAccuracy
      ? {
          seeds: 5,
          predictions: 100,
          nll_nats: nll,
          nll_sem_nats: isNoisy ? 0.004 : null,
          perplexity: Math.exp(nll),
          perplexity_sem: isNoisy ? 0.2 : null,
          next_token_accuracy_frac: 0.27,
          next_token_accuracy_sem: isNoisy ? 0.001 : null,
          kl_nats: isNoisy ? 0.1 : 0,
        }
      : null,
    pairs: null,
    accuracyNote: hasAccuracy ? null : "accuracy was not evaluated",
  };
}

/** @param names one per placement; those that start with "too-large" do not fit */
export function sampleReport(
  names: readonly string[] = ["all-digital", "all-analog", "dense-digital", "half:0.5"],
  { withAccuracy = true, title = "tiny-olmoe" } = {},
): Report {
  const input = (name: string) => ({ name, sha256: "a".repeat(64) });
  const layers = expertLayers(workload);
  const score = layers.map((layer) =>
    Array.from({ length: workload.moe.experts }, (_, e) => 1 + ((layer + 3 * e) % 7)),
  );
  return buildReport(
    {
      schema: "report/1",
      version: "0.0.0",
      command: "ohmoe compare",
      level: "simulate",
      kernel: withAccuracy ? "wasm" : null,
      seed: 1,
      seeds: 5,
      options: {
        batch: 1,
        prefill_tokens: 6,
        decode_tokens: 2,
        routing: "uniform",
        overflow: "infeasible",
        noise_scale: 1,
        age_s: 0,
        context_tokens: null,
        evaluated_tokens: null,
      },
      inputs: {
        arch: input("hetero-pcm"),
        workload: input(title),
        placements: names.map(input),
        checkpoint: null,
        text: null,
        calibration: null,
      },
      paired: withAccuracy
        ? names.slice(1).map((placement, i) => ({
            placement,
            versus: names[0]!,
            nll_difference_nats: 0.01 * (i + 1),
            nll_difference_sem_nats: 0.004,
            p_value: 0.2 / (i + 1) ** 2,
            significant: 0.2 / (i + 1) ** 2 < 0.05,
          }))
        : [],
      notes: ["a note"],
    },
    componentSources(arch),
    names.map((name, i) => evaluated(name, i, withAccuracy)),
    {
      chip: chipOf(arch),
      matrices,
      experts: {
        layers,
        experts: workload.moe.experts,
        load_tokens: expertLoad(workload, options),
        scores: [{ score: "max-neuron-norm", value: score }],
      },
    },
  );
}

/** Names that try to be markup, script, formulas, or lines of their own. */
export const HOSTILE = [
  "<script>globalThis.hacked=1</script>",
  '"><img src=x onerror="globalThis.hacked=2">',
  "</script><script>globalThis.hacked=3</script>",
  '=HYPERLINK("http://example.test")',
  "line one\nline two\r\n\ttabbed\u2028'quoted'",
  "$\\input{secret}% _^{}~#&",
  "x".repeat(180),
] as const;
