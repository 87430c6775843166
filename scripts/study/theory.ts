/** The claims of arXiv 2603.02633 about norms, frequencies and tolerance, on the shipped models. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { section } from "./markdown.ts";
import type { Journal } from "./pool.ts";
import { toleranceTables } from "./tolerance.ts";

const MOST_EXPERTS = 256;
const MOST_LAYERS = 64;

/** Scores of a layer from the journal; empty where there are none. */
function scoresOf(journal: Journal, model: string, score: string, layer: number): number[] {
  const values: number[] = [];
  for (let expert = 0; expert < MOST_EXPERTS; expert++) {
    const value = journal.get(`${model}|score|${score}|${layer}|${expert}`);
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}

/** Ranks from 1; ties share their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const result = values.map(() => 0);
  for (let begin = 0; begin < order.length; ) {
    let end = begin + 1;
    while (end < order.length && values[order[end]!] === values[order[begin]!]) end++;
    for (let i = begin; i < end; i++) result[order[i]!] = (begin + end + 1) / 2;
    begin = end;
  }
  return result;
}

/** Spearman's rank correlation; null where one of the two does not vary. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    xy += (x[i]! - middle) * (y[i]! - middle);
    xx += (x[i]! - middle) ** 2;
    yy += (y[i]! - middle) ** 2;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Experts are made noisy one at a time, with these two kinds of noise. */
export const SENSITIVITIES = [
  ["measured-sensitivity", "pcm-2.5", "PCM noise, c = 2.5, relative to the output channel"],
  ["matrix-sensitivity", "matrix-10", "Gaussian noise, 10 % of the largest weight of the matrix"],
] as const;

const SCORES = [
  "max-neuron-norm",
  "max-neuron-norm-row",
  "router-norm",
  "activation-frequency",
  "activation-weight",
  "forward-curvature",
];

/** Correlations of one layer: each score with the sensitivity, then norm with frequency. */
function correlationsOf(journal: Journal, model: string, sensitivity: string, layer: number) {
  const of = (score: string): number[] => scoresOf(journal, model, score, layer);
  const measured = of(sensitivity);
  return [
    ...SCORES.map((score) => rankCorrelation(of(score), measured)),
    rankCorrelation(of("max-neuron-norm"), of("activation-frequency")),
  ];
}

const shown = (r: number | null): string => (r === null ? "-" : r.toFixed(2));

function rowsOf(journal: Journal, model: string, sensitivity: string): string[][] {
  const layers = Array.from({ length: MOST_LAYERS }, (_, layer) => layer).filter(
    (layer) => scoresOf(journal, model, sensitivity, layer).length > 0,
  );
  if (layers.length === 0) return [];
  const all = layers.map((layer) => correlationsOf(journal, model, sensitivity, layer));
  const means = all[0]!.map((_, column) => {
    const values = all.flatMap((row) => row[column] ?? []);
    const { mean, sem } = estimate(values);
    return `${mean.toFixed(2)} ± ${(sem ?? 0).toFixed(2)}`;
  });
  return [
    ...all.map((row, i) => [model, String(layers[i]), ...row.map(shown)]),
    [model, "mean", ...means],
  ];
}

export function theoryTables(journal: Journal, models: readonly string[], seeds: number): string {
  const head = ["model", "layer", ...SCORES, "norm and frequency"];
  const parts = SENSITIVITIES.map(([sensitivity, , label]) =>
    section(
      `### ${label}`,
      head,
      models.flatMap((model) => rowsOf(journal, model, sensitivity)),
    ),
  ).filter((part) => part !== "");
  if (parts.length === 0) return "";
  const note =
    "Sensitivity: KL divergence on 512 calibration tokens when one expert alone is noisy, one seed; less sensitive is more tolerant. Last column: max neuron norm with activation frequency. ± over layers.";
  return [
    "## Theory: rank correlation of scores with the measured sensitivity of single experts\n",
    `${note}\n`,
    ...parts,
    toleranceTables(journal, models, seeds),
  ].join("\n");
}
