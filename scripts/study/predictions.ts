/** What the surrogate says about the cells of the study, next to what was measured. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { createAccuracySurrogate } from "../../src/accuracy/surrogate.ts";
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

const predictedKey = (model: string, cell: Cell): string =>
  `${model}|predicted|${cell.effects}|${cell.tile}|${cell.age_s}|${cell.rule}|${cell.share}`;

/** Cells of losses; one that several tables ask for is there once, with its most seeds. */
function lossCells(extent: Extent): Cells {
  const most = new Map<string, Cells[number]>();
  for (const entry of cellsOf(extent).flat()) {
    const key = keyOf("", entry[0], 0);
    if (entry[0].measure === "nll" && entry[1] > (most.get(key)?.[1] ?? 0)) most.set(key, entry);
  }
  return [...most.values()];
}

/** Predicts every cell: from weights and calibration text, with nothing that was measured. */
export function notePredictions(journal: Journal, model: StudyModel, extent: Extent): void {
  const { name, matrices, scores, sensitivities } = model;
  const surrogate = createAccuracySurrogate(sensitivities);
  const tiles = [...TILES, CONVERTERS_ONLY];
  for (const [cell, seeds] of lossCells(extent)) {
    const kind = kindOf(cell.tile);
    const basis = { matrices, scores, rises: model.risesOf(kind, cell.age_s) };
    const shown = cell.effects === "converters" ? tiles.length - 1 : kind;
    const drawn = Array.from({ length: cell.rule === "random" ? seeds : 1 }, (_, i) =>
      surrogate(
        { tiles },
        tileKindsOf(matrices, RULES[cell.rule]!(basis, cell.share, i + 1), shown),
        cell.age_s,
        1,
      ),
    );
    const key = predictedKey(name, cell);
    const value = estimate(drawn).mean;
    if (journal.get(key) !== value) journal.add(key, value);
  }
}

export interface Comparison {
  readonly model: string;
  readonly cell: Cell;
  readonly predicted: number;
  readonly measured: number;
  readonly sem: number;
}

/** Every cell that is both predicted and measured. */
export function comparisonsOf(
  journal: Journal,
  models: readonly string[],
  extent: Extent,
): Comparison[] {
  return models.flatMap((model) =>
    lossCells(extent).flatMap(([cell, seeds]) => {
      const predicted = journal.get(predictedKey(model, cell));
      const rises = risesOf(journal, model, cell, seeds);
      if (predicted === undefined || rises.length < seeds) return [];
      const { mean, sem } = estimate(rises);
      return [{ model, cell, predicted, measured: mean, sem: sem ?? 0 }];
    }),
  );
}

const miss = ({ predicted, measured }: Comparison): number => Math.abs(predicted - measured);

const isWithin = (one: Comparison): boolean =>
  miss(one) <=
  Math.max(TOLERANCE.share * Math.abs(one.measured), TOLERANCE.errors * one.sem, TOLERANCE.nats);

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
  const within = all.filter(isWithin).length;
  const worst = Math.max(...all.map(miss));
  return [model, label, all.length, within, `${at(0)}, ${at(0.5)}, ${at(1)}`, worst.toFixed(4)];
}

/** How far predictions are off, for every kind of noise, and the predictions of the goal table. */
export function predictionTables(all: readonly Comparison[]): string {
  const near = all.filter(({ measured }) => measured < MOST_PREDICTED_NATS);
  const models = [...new Set(all.map(({ model }) => model))];
  const summary = models.flatMap((model) =>
    NOISES.flatMap(([noise, label]) => {
      const own = near.filter((one) => one.model === model && noiseOf(one) === noise);
      return own.length === 0 ? [] : [summaryRow(label, model, own)];
    }),
  );
  const goals = all
    .filter(({ cell }) => SHOWN_RULES.includes(cell.rule) && isOfGoal(cell))
    .map((one) => [
      one.model,
      one.cell.tile,
      one.cell.rule,
      percent(one.cell.share),
      one.predicted.toFixed(4),
      `${one.measured.toFixed(4)} ± ${one.sem.toFixed(4)}`,
      one.measured >= MOST_PREDICTED_NATS ? "above 0.3" : isWithin(one) ? "yes" : "no",
    ]);
  const note = `Cells with a measured rise below ${MOST_PREDICTED_NATS} nats. Within: the prediction misses by at most ${100 * TOLERANCE.share} %, ${TOLERANCE.errors} standard errors or ${TOLERANCE.nats} nats, whichever is largest. Errors in percent: lowest, median, highest, of rises above ${TOLERANCE.nats} nats.`;
  return [
    section(
      "## Predicted and measured rises",
      ["model", "noise", "cells", "within", "error (%)", "largest error (nats)"],
      summary,
      note,
    ),
    section(
      "### Of the rules with the goals",
      ["model", "noise", "rule", "digital", "predicted (nats)", "measured (nats)", "within"],
      goals,
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}
