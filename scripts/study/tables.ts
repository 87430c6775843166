/** From the journal of the study to tables and figures. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { estimate, pairedDifference } from "../../src/accuracy/statistics.ts";
import { AGES_s, type Cell, DRIFT_RULES, type Extent, GOALS, keyOf, SHARES } from "./cells.ts";
import { type Curve, lineChart } from "./line-chart.ts";
import type { Journal } from "./pool.ts";
import { CHOOSING, GOAL_RULES, MODULE_RULES } from "./rules.ts";
import { removedShare } from "./shares.ts";
import { theoryTable } from "./theory.ts";
import { PCM_SCALES } from "./tiles.ts";

const plain = { measure: "nll", age_s: 0, effects: "all" } as const;
const rowOf = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]) {
  return [rowOf(head), rowOf(head.map(() => "---")), ...rows.map(rowOf), ""].join("\n");
}

/** Values of a cell, seed by seed, as far as they are there. */
export function valuesOf(journal: Journal, model: string, cell: Cell, seeds: number): number[] {
  const values: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const value = journal.get(keyOf(model, cell, seed));
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}

const withError = (values: readonly number[], minus = 0, digits = 4): string => {
  if (values.length === 0) return "-";
  const { mean, sem } = estimate(values);
  const error = sem === null ? "" : ` ± ${sem.toFixed(digits)}`;
  return `${(mean - minus).toFixed(digits)}${error}`;
};

const percent = (share: number): string => `${100 * share} %`;

/** What every rule removes of the rise of dense-digital, and how it compares with max-neuron-norm. */
function goalTable(journal: Journal, model: string, tile: string, share: number, seeds: number) {
  const digital = journal.get(`${model}|nll|digital`)!;
  const values = (rule: string) => {
    const own = rule === "dense-digital" ? 0 : share;
    return valuesOf(journal, model, { ...plain, tile, rule, share: own }, seeds).map(
      (nll) => nll - digital,
    );
  };
  const dense = values("dense-digital");
  const norm = values("max-neuron-norm");
  const rows = Object.keys(GOAL_RULES).flatMap((rule) => {
    const own = values(rule);
    const count = Math.min(own.length, dense.length, norm.length);
    if (count < 2) return [];
    const paired = pairedDifference(norm.slice(0, count), own.slice(0, count));
    const removed = removedShare(dense.slice(0, count), own.slice(0, count));
    const byNorm = removedShare(dense.slice(0, count), norm.slice(0, count));
    const isNorm = rule === "max-neuron-norm";
    const p = paired.pValue === null ? "-" : paired.pValue.toPrecision(2);
    return [
      [
        rule,
        withError(own),
        rule === "dense-digital" ? "-" : `${removed.share.toFixed(1)} ± ${removed.sem.toFixed(1)}`,
        rule === "dense-digital" ? "-" : (removed.share / byNorm.share).toFixed(2),
        isNorm ? "-" : withSign(paired.mean),
        isNorm ? "-" : p,
        isNorm ? "-" : (paired.seedsNeeded ?? "-"),
        count,
      ],
    ];
  });
  const head = [
    "rule",
    "rise (nats)",
    "removed (%)",
    "times max norm",
    "rise less that of max norm",
    "p",
    "seeds needed",
    "seeds",
  ];
  return rows.length === 0
    ? ""
    : `### ${model}: ${tile}, ${percent(share)} of the expert weights digital\n\n${table(head, rows)}`;
}

const withSign = (x: number): string => `${x < 0 ? "" : "+"}${x.toFixed(4)}`;

function converterTable(journal: Journal, models: readonly string[]): string {
  const rows = models.flatMap((model) => {
    const digital = journal.get(`${model}|nll|digital`);
    const pairs = journal.get(`${model}|pairs|digital`);
    if (digital === undefined || pairs === undefined) return [];
    const cell = { tile: "chip", share: 0, age_s: 0, effects: "converters" } as const;
    const of = (measure: "nll" | "pairs", rule: string) =>
      valuesOf(journal, model, { ...cell, measure, rule }, 1);
    const line = (label: string, rule: string) => [
      model,
      label,
      withError(of("nll", rule), digital),
      withError(
        of("pairs", rule).map((x) => 100 * x),
        0,
        2,
      ),
    ];
    return [
      [model, "digital", "0", (100 * pairs).toFixed(2)],
      line("experts analog", "dense-digital"),
      line("experts and dense modules analog", "all-analog"),
    ];
  });
  return `## Converters only\n\n${table(["model", "placement", "rise (nats)", "pairs right (%)"], rows)}`;
}

function moduleTable(journal: Journal, models: readonly string[], seeds: number): string {
  const rows = models.flatMap((model) => {
    const digital = journal.get(`${model}|nll|digital`) ?? 0;
    return Object.keys(MODULE_RULES).flatMap((rule) => {
      const values = valuesOf(journal, model, { ...plain, tile: "chip", rule, share: 0 }, seeds);
      return values.length === 0 ? [] : [[model, rule, withError(values, digital), values.length]];
    });
  });
  return rows.length === 0
    ? ""
    : `## Modules, all effects of hetero-pcm\n\n${table(["model", "placement", "rise (nats)", "seeds"], rows)}`;
}

function driftTable(journal: Journal, models: readonly string[], seeds: number): string {
  const rows = models.flatMap((model) => {
    const digital = journal.get(`${model}|nll|digital`) ?? 0;
    return ["chip", "chip-uncompensated"].flatMap((tile) =>
      DRIFT_RULES.flatMap(([rule, share]) => {
        const at = AGES_s.map((age_s) =>
          valuesOf(journal, model, { ...plain, tile, rule, share, age_s }, seeds),
        );
        if (at.every(({ length }) => length === 0)) return [];
        const compensation = tile === "chip" ? "global" : "none";
        return [
          [model, compensation, rule, percent(share), ...at.map((v) => withError(v, digital, 3))],
        ];
      }),
    );
  });
  const head = ["model", "compensation", "rule", "digital", ...AGES_s.map((age) => `${age} s`)];
  return rows.length === 0 ? "" : `## Drift: rise of the loss (nats)\n\n${table(head, rows)}`;
}

function gridTable(journal: Journal, model: string, seeds: number): string {
  const digital = journal.get(`${model}|nll|digital`) ?? 0;
  const line = (rule: string, share: number) => {
    const at = PCM_SCALES.map((c) =>
      valuesOf(journal, model, { ...plain, tile: `pcm-${c}`, rule, share }, seeds),
    );
    return at.every(({ length }) => length === 0)
      ? []
      : [[rule, percent(share), ...at.map((values) => withError(values, digital, 3))]];
  };
  const rows = [
    ...line("dense-digital", 0),
    ...SHARES.flatMap((share) => Object.keys(CHOOSING).flatMap((rule) => line(rule, share))),
  ];
  if (rows.length === 0) return "";
  const head = ["rule", "digital", ...PCM_SCALES.map((c) => `c = ${c}`)];
  const note = `c = 0 and 100 % digital: 0 by definition. ± over ${seeds} seeds.`;
  return `### ${model}: PCM programming noise, rise of the loss (nats)\n\n${table(head, rows)}\n${note}\n`;
}

/** Curves of a few rules over c. */
function gridFigure(journal: Journal, model: string, seeds: number): string | null {
  const digital = journal.get(`${model}|nll|digital`) ?? 0;
  const chosen: readonly (readonly [string, number])[] = [
    ["dense-digital", 0],
    ["random", 0.25],
    ["max-neuron-norm", 0.25],
    ["activation-weight", 0.25],
    ["fisher-matrices", 0.25],
  ];
  const curves = chosen.map(([rule, share]): Curve => {
    const points = PCM_SCALES.flatMap((c) => {
      const values = valuesOf(journal, model, { ...plain, tile: `pcm-${c}`, rule, share }, seeds);
      if (values.length === 0) return [];
      const { mean, sem } = estimate(values);
      return [{ x: c, y: mean - digital, error: sem ?? 0 }];
    });
    const label = share === 0 ? rule : `${rule}, ${percent(share)}`;
    return { label, points: [{ x: 0, y: 0, error: 0 }, ...points] };
  });
  if (curves.every(({ points }) => points.length < 3)) return null;
  const title = `${model}: rise of the loss with PCM programming noise`;
  return lineChart({ title, x: "noise scale c", y: "rise of the loss (nats)", curves });
}

/** Writes everything that the journal has values for. */
export function writeTables(
  folder: string,
  journal: Journal,
  models: readonly string[],
  extent: Extent,
  tokens: number,
): void {
  mkdirSync(folder, { recursive: true });
  const { goalSeeds, seeds } = extent;
  const parts = [
    "# Placement study: tables\n",
    `Mean NLL on the first ${tokens} tokens of Moby-Dick, chapters 6-60, in windows of 256; rules saw only weights and chapters 61-100. ± is the standard error over noise seeds; all placements meet the same seeds. How to read this: docs/placement-study.md.\n`,
    "## What each rule removes\n",
    ...models.flatMap((model) =>
      GOALS.map(([tile, share]) => goalTable(journal, model, tile, share, goalSeeds)),
    ),
    converterTable(journal, models),
    moduleTable(journal, models, seeds),
    "## Noise times share\n",
    ...models.map((model) => gridTable(journal, model, seeds)),
    driftTable(journal, models, seeds),
    theoryTable(journal, models, seeds),
  ].filter((part) => part !== "");
  writeFileSync(join(folder, "tables.md"), `${parts.join("\n")}`);
  for (const model of models) {
    const figure = gridFigure(journal, model, seeds);
    if (figure !== null) writeFileSync(join(folder, `pcm-noise-${model}.svg`), figure);
  }
}
