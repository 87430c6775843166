/** The claims of arXiv 2603.02633 about norms, frequencies and tolerance, on the shipped models. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { keyOf } from "./cells.ts";
import type { Journal } from "./pool.ts";
import { PCM_SCALES } from "./tiles.ts";

/** A rise that counts as tolerated, in nats: 2 % of perplexity. */
const TOLERATED_NATS = 0.02;
const MOST = 256;

/** Scores of a layer from the journal; empty where there are none. */
function scoresOf(journal: Journal, model: string, score: string, layer: number): number[] {
  const values: number[] = [];
  for (let expert = 0; expert < MOST; expert++) {
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

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Noise scale at which the rise reaches what is tolerated, on the line between measured scales. */
function tolerated(journal: Journal, model: string, rule: string, share: number, seeds: number) {
  const digital = journal.get(`${model}|nll|digital`);
  if (digital === undefined) return null;
  let [lastC, lastRise] = [0, 0];
  for (const c of PCM_SCALES) {
    const cell = {
      measure: "nll",
      age_s: 0,
      effects: "all",
      tile: `pcm-${c}`,
      rule,
      share,
    } as const;
    const values: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const value = journal.get(keyOf(model, cell, seed));
      if (value !== undefined) values.push(value - digital);
    }
    if (values.length === 0) return null;
    const rise = estimate(values).mean;
    // Between scales the rise goes about with the square of c.
    if (rise >= TOLERATED_NATS)
      return Math.sqrt(
        lastC ** 2 + ((c ** 2 - lastC ** 2) * (TOLERATED_NATS - lastRise)) / (rise - lastRise),
      );
    [lastC, lastRise] = [c, Math.max(0, rise)];
  }
  return null;
}

export function theoryTable(journal: Journal, models: readonly string[], seeds: number): string {
  const scores = [
    "max-neuron-norm",
    "max-neuron-norm-row",
    "router-norm",
    "activation-frequency",
    "activation-weight",
    "forward-curvature",
  ];
  const lines = models.flatMap((model) => {
    const layers = Array.from({ length: 64 }, (_, layer) => layer).filter(
      (layer) => scoresOf(journal, model, "measured-sensitivity", layer).length > 0,
    );
    return layers.map((layer) => {
      const measured = scoresOf(journal, model, "measured-sensitivity", layer);
      const cells = scores.map((score) => {
        const r = rankCorrelation(scoresOf(journal, model, score, layer), measured);
        return r === null ? "-" : r.toFixed(2);
      });
      const norm = scoresOf(journal, model, "max-neuron-norm", layer);
      const used = scoresOf(journal, model, "activation-frequency", layer);
      return row([model, String(layer), ...cells, rankCorrelation(norm, used)?.toFixed(2) ?? "-"]);
    });
  });
  if (lines.length === 0) return "";
  const growth = models.flatMap((model) => {
    const before = tolerated(journal, model, "dense-digital", 0, seeds);
    return [
      "random",
      "max-neuron-norm",
      "activation-weight",
      "fisher-experts",
      "fisher-matrices",
    ].flatMap((rule) => {
      const at = [0.125, 0.25, 0.5].map((share) => tolerated(journal, model, rule, share, seeds));
      if (before === null || at.every((c) => c === null)) return [];
      const cells = at.map((c) =>
        c === null ? "-" : `${c.toFixed(2)} (x ${(c / before).toFixed(2)})`,
      );
      return [row([model, rule, before.toFixed(2), ...cells])];
    });
  });
  const head = ["model", "layer", ...scores, "norm and frequency"];
  return [
    "## Theory: rank correlation with the measured sensitivity of single experts\n",
    "Sensitivity: KL divergence on 512 calibration tokens when one expert alone has PCM noise, c = 2.5, one seed. Last column: max neuron norm with activation frequency.\n",
    row(head),
    row(head.map(() => "---")),
    ...lines,
    "",
    `## Theory: noise scale c that is tolerated (rise of ${TOLERATED_NATS} nats)\n`,
    row(["model", "rule", "no expert digital", "12.5 %", "25 %", "50 %"]),
    row(["---", "---", "---", "---", "---", "---"]),
    ...growth,
    "",
  ].join("\n");
}
