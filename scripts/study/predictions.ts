/** What the surrogate says about the cells of the study, next to what was measured. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { createAccuracySurrogate, createMatrixRises } from "../../src/accuracy/surrogate.ts";
import { type Cell, type Cells, cellsOf, type Extent, GOALS, keyOf } from "./cells.ts";
import { percent, risesOf, section } from "./markdown.ts";
import type { StudyModel } from "./model.ts";
import type { Journal } from "./pool.ts";
import { RULES, tileKindsOf } from "./rules.ts";
import { CONVERTERS_ONLY, kindOf, TILES } from "./tiles.ts";

/** Nats; above, the surrogate is of too low an order. */
const MOST_PREDICTED_NATS = 0.3;
/** A prediction may miss by the largest of these: a share, standard errors, and nats. */
const TOLERANCE = { share: 0.1, errors: 2, nats: 0.002 };

/** Parts of a prediction: `notePredictions` says what they are. */
const PARTS = ["rise", "curved", "error"] as const;

const predictedKey = (model: string, cell: Cell, part: (typeof PARTS)[number]): string =>
  `${model}|predicted ${part}|${cell.effects}|${cell.tile}|${cell.age_s}|${cell.rule}|${cell.share}`;

/** Cells of losses; one that several tables ask for is there once, with its most seeds. */
function lossCells(extent: Extent): Cells {
  const most = new Map<string, Cells[number]>();
  for (const entry of cellsOf(extent).flat()) {
    const key = keyOf("", entry[0], 0);
    if (entry[0].measure === "nll" && entry[1] > (most.get(key)?.[1] ?? 0)) most.set(key, entry);
  }
  return [...most.values()];
}

/**
 * Predicts every cell, from weights and calibration text, with nothing that was measured: the rise;
 * the rise without the slope of the weights; and the standard error of that slope.
 *
 * A mean error b of a weight changes the loss of a text by slope times b. The slope is the mean of
 * gradients over tokens, whose variance is the Fisher information F, so that the slopes of a
 * calibration text of N tokens and an evaluation text of M differ by a standard deviation of
 * b sqrt(F (1 / N + 1 / M)); half of F b^2 is the rise that the bias causes by curvature.
 */
export function notePredictions(
  journal: Journal,
  model: StudyModel,
  extent: Extent,
  tokens: number,
): void {
  const { name, matrices, scores, sensitivities } = model;
  const surrogate = createAccuracySurrogate(sensitivities);
  const risesOf = createMatrixRises(sensitivities);
  const tiles = [...TILES, CONVERTERS_ONLY];
  for (const [cell, seeds] of lossCells(extent)) {
    const kind = kindOf(cell.tile);
    const basis = { matrices, scores, rises: model.risesOf(kind, cell.age_s) };
    const shown = cell.effects === "converters" ? tiles.length - 1 : kind;
    const parts = risesOf(tiles[shown]!, cell.age_s, 1);
    const drawn = Array.from({ length: cell.rule === "random" ? seeds : 1 }, (_, i) => {
      const targets = RULES[cell.rule]!(basis, cell.share, i + 1);
      const kinds = tileKindsOf(matrices, targets, shown);
      const rise = surrogate({ tiles }, kinds, cell.age_s, 1);
      let [slope, bias] = [0, 0];
      kinds.forEach((own, id) => {
        if (own < 0 || !parts[id]) return;
        slope += parts[id].weightSlope_nats;
        bias += parts[id].weightBias_nats;
      });
      const variance = 2 * bias * (1 / sensitivities.predictions + 1 / tokens);
      return { rise, curved: rise - slope, error: Math.sqrt(variance) };
    });
    for (const part of PARTS) {
      const key = predictedKey(name, cell, part);
      const value = estimate(drawn.map((own) => own[part])).mean;
      if (journal.get(key) !== value) journal.add(key, value);
    }
  }
}

export interface Comparison {
  readonly model: string;
  readonly cell: Cell;
  readonly predicted: number;
  /** Without the slope of the weights, and the standard error of that slope. */
  readonly curved: number;
  readonly slopeError: number;
  readonly measured: number;
  readonly sem: number;
  readonly seeds: number;
}

/** Every cell that is both predicted and measured. */
export function comparisonsOf(
  journal: Journal,
  models: readonly string[],
  extent: Extent,
): Comparison[] {
  return models.flatMap((model) =>
    lossCells(extent).flatMap(([cell, seeds]) => {
      const [predicted, curved, slopeError] = PARTS.map((part) =>
        journal.get(predictedKey(model, cell, part)),
      );
      const rises = risesOf(journal, model, cell, seeds);
      if (rises.length < seeds) return [];
      if (predicted === undefined || curved === undefined || slopeError === undefined) return [];
      const { mean, sem } = estimate(rises);
      const measured = { measured: mean, sem: sem ?? 0, seeds };
      return [{ model, cell, predicted, curved, slopeError, ...measured }];
    }),
  );
}

/** How far off is it, and is that within what a prediction may miss by? */
const missOf = (predicted: number, { measured }: Comparison): number =>
  Math.abs(predicted - measured);

function isWithin(predicted: number, sem: number, one: Comparison): boolean {
  const { share, errors, nats } = TOLERANCE;
  return missOf(predicted, one) <= Math.max(share * Math.abs(one.measured), errors * sem, nats);
}

/** With the error of the slope counted as one of the measurement. */
const allErrors = ({ sem, slopeError }: Comparison): number => Math.hypot(sem, slopeError);

/** Kinds of noise, by what the names of their tiles begin with. */
const NOISES = [
  ["matrix", "weight noise relative to the matrix"],
  ["channel", "weight noise relative to the output channel"],
  ["pcm", "PCM programming noise"],
  ["converters", "converters only"],
  ["chip", "all effects of hetero-pcm, from programming to a year"],
] as const;

const SHOWN_RULES = ["dense-digital", "max-neuron-norm", "fisher-matrices", "optimal"];
const isOfGoal = ({ tile, share, rule }: Cell): boolean =>
  GOALS.some((goal) => goal[0] === tile && (goal[1] === share || rule === "dense-digital"));

const noiseOf = ({ cell }: Comparison): string =>
  cell.effects === "converters" ? "converters" : cell.tile.split("-")[0]!;

function summaryRow(label: string, model: string, all: readonly Comparison[]) {
  const relative = all
    .filter(({ measured }) => measured > TOLERANCE.nats)
    .map((one) => (100 * (one.predicted - one.measured)) / one.measured)
    .sort((a, b) => a - b);
  const at = (quantile: number): string =>
    relative.length === 0
      ? "-"
      : relative[Math.floor(quantile * (relative.length - 1))]!.toFixed(0);
  const count = (isIn: (one: Comparison) => boolean): number => all.filter(isIn).length;
  return [
    model,
    label,
    all[0]!.seeds,
    all.length,
    count((one) => isWithin(one.predicted, one.sem, one)),
    count((one) => isWithin(one.curved, one.sem, one)),
    count((one) => isWithin(one.predicted, allErrors(one), one)),
    `${at(0)}, ${at(0.5)}, ${at(1)}`,
    Math.max(...all.map((one) => missOf(one.predicted, one))).toFixed(4),
  ];
}

function summaryTable(all: readonly Comparison[]): string {
  const near = all.filter(({ measured }) => measured < MOST_PREDICTED_NATS);
  const rows = [...new Set(all.map(({ model }) => model))].flatMap((model) =>
    NOISES.flatMap(([noise, label]) => {
      const own = near.filter((one) => one.model === model && noiseOf(one) === noise);
      const counts = [...new Set(own.map(({ seeds }) => seeds))].sort((a, b) => b - a);
      return counts.map((count) =>
        summaryRow(
          label,
          model,
          own.filter(({ seeds }) => seeds === count),
        ),
      );
    }),
  );
  const { share, errors, nats } = TOLERANCE;
  const note = `Cells with a measured rise below ${MOST_PREDICTED_NATS} nats. Within: the prediction misses by at most ${100 * share} %, ${errors} standard errors or ${nats} nats, whichever is largest. With the error of the slope: ± of the predicted slope, for another text, added to that over seeds. Errors in percent: lowest, median, highest, of rises above ${nats} nats.`;
  const head = [
    ...["model", "noise", "seeds", "cells", "within", "within, predicted without slope"],
    ...["within, with the error of the slope", "error (%)", "largest error (nats)"],
  ];
  return section("## Predicted and measured rises", head, rows, note);
}

function goalRows(all: readonly Comparison[]) {
  const verdict = (one: Comparison): string => {
    if (one.measured >= MOST_PREDICTED_NATS) return "above 0.3";
    if (isWithin(one.predicted, one.sem, one)) return "yes";
    return isWithin(one.predicted, allErrors(one), one) ? "with the error of the slope" : "no";
  };
  return all
    .filter(({ cell }) => SHOWN_RULES.includes(cell.rule) && isOfGoal(cell))
    .map((one) => [
      one.model,
      one.cell.tile,
      one.cell.rule,
      percent(one.cell.share),
      one.slopeError < 5e-5
        ? one.predicted.toFixed(4)
        : `${one.predicted.toFixed(4)} ± ${one.slopeError.toFixed(4)}`,
      one.curved.toFixed(4),
      `${one.measured.toFixed(4)} ± ${one.sem.toFixed(4)}`,
      verdict(one),
    ]);
}

/** How far predictions are off, for every kind of noise, and the predictions of the goal table. */
export function predictionTables(all: readonly Comparison[]): string {
  const head = [
    ...["model", "noise", "rule", "digital", "predicted (nats)", "without slope (nats)"],
    ...["measured (nats)", "within"],
  ];
  const goals = section("### Of the rules with the goals", head, goalRows(all));
  return [summaryTable(all), goals].filter((part) => part !== "").join("\n");
}
