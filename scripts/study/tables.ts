/** From the journal of the study to tables and figures. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pairedDifference } from "../../src/accuracy/statistics.ts";
import { AGES_s, DRIFT_RULES, type Extent, GOALS, plain, SHARES } from "./cells.ts";
import { writeFigures } from "./figures.ts";
import { mainTables } from "./main-table.ts";
import {
  meanOf,
  percent,
  risesOf,
  section,
  significance,
  valuesOf,
  withError,
  withSign,
} from "./markdown.ts";
import type { Journal } from "./pool.ts";
import { comparisonsOf, predictionTables } from "./predictions.ts";
import { CHOOSING, GOAL_RULES, MODULE_RULES } from "./rules.ts";
import { runTimeOf } from "./run-time.ts";
import { removedMultiple, removedShare } from "./shares.ts";
import { theoryTables } from "./theory.ts";
import { PCM_SCALES } from "./tiles.ts";

/** What every rule removes of the rise of dense-digital, and how it compares with max-neuron-norm. */
function goalTable(journal: Journal, model: string, tile: string, share: number, seeds: number) {
  const values = (rule: string) => {
    const own = rule === "dense-digital" ? 0 : share;
    return risesOf(journal, model, { ...plain, tile, rule, share: own }, seeds);
  };
  const dense = values("dense-digital");
  const norm = values("max-neuron-norm");
  const rows = Object.keys(GOAL_RULES).flatMap((rule) => {
    const own = values(rule);
    const count = Math.min(own.length, dense.length, norm.length);
    if (count < 2) return [];
    const paired = pairedDifference(norm.slice(0, count), own.slice(0, count));
    const removed = removedShare(dense.slice(0, count), own.slice(0, count));
    const times = removedMultiple(dense.slice(0, count), norm.slice(0, count), own.slice(0, count));
    const isNorm = rule === "max-neuron-norm";
    return [
      [
        rule,
        meanOf(own),
        rule === "dense-digital" ? "-" : `${removed.share.toFixed(1)} ± ${removed.sem.toFixed(1)}`,
        rule === "dense-digital" || isNorm ? "-" : withError(times),
        isNorm ? "-" : withSign(paired.mean),
        isNorm ? "-" : significance(paired.pValue),
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
  const heading = `### ${model}: ${tile}, ${percent(share)} of the expert weights digital`;
  return section(heading, head, rows);
}

function converterTable(journal: Journal, models: readonly string[]): string {
  const rows = models.flatMap((model) => {
    const pairs = journal.get(`${model}|pairs|digital`);
    const cell = { tile: "chip", share: 0, age_s: 0, effects: "converters" } as const;
    const line = (label: string, rule: string) => {
      const rise = risesOf(journal, model, { ...cell, measure: "nll", rule }, 1);
      const right = valuesOf(journal, model, { ...cell, measure: "pairs", rule }, 1);
      const share = right.map((x) => 100 * x);
      return rise.length === 0 ? [] : [[model, label, meanOf(rise), meanOf(share, 2)]];
    };
    if (pairs === undefined) return [];
    return [
      [model, "digital", "0", (100 * pairs).toFixed(2)],
      ...line("experts analog", "dense-digital"),
      ...line("experts and dense modules analog", "all-analog"),
    ];
  });
  const head = ["model", "placement", "rise (nats)", "pairs right (%)"];
  return section("## Converters only", head, rows);
}

function moduleTable(journal: Journal, models: readonly string[], seeds: number): string {
  const rows = models.flatMap((model) =>
    Object.keys(MODULE_RULES).flatMap((rule) => {
      const rises = risesOf(journal, model, { ...plain, tile: "chip", rule, share: 0 }, seeds);
      return rises.length === 0 ? [] : [[model, rule, meanOf(rises), rises.length]];
    }),
  );
  const head = ["model", "placement", "rise (nats)", "seeds"];
  return section("## Modules, all effects of hetero-pcm", head, rows);
}

function driftTable(journal: Journal, models: readonly string[], seeds: number): string {
  const rows = models.flatMap((model) =>
    ["chip", "chip-uncompensated"].flatMap((tile) =>
      DRIFT_RULES.flatMap(([rule, share]) => {
        const at = AGES_s.map((age_s) =>
          risesOf(journal, model, { ...plain, tile, rule, share, age_s }, seeds),
        );
        if (at.every(({ length }) => length === 0)) return [];
        const compensation = tile === "chip" ? "global" : "none";
        return [[model, compensation, rule, percent(share), ...at.map((own) => meanOf(own, 3))]];
      }),
    ),
  );
  const head = ["model", "compensation", "rule", "digital", ...AGES_s.map((age) => `${age} s`)];
  return section("## Drift: rise of the loss (nats)", head, rows);
}

function gridTable(journal: Journal, model: string, seeds: number): string {
  const line = (rule: string, share: number) => {
    const at = PCM_SCALES.map((c) =>
      risesOf(journal, model, { ...plain, tile: `pcm-${c}`, rule, share }, seeds),
    );
    return at.every(({ length }) => length === 0)
      ? []
      : [[rule, percent(share), "0", ...at.map((values) => meanOf(values, 3))]];
  };
  const rows = [
    ...line("dense-digital", 0),
    ...SHARES.flatMap((share) => Object.keys(CHOOSING).flatMap((rule) => line(rule, share))),
  ];
  if (rows.length === 0) return "";
  const head = ["rule", "digital", "c = 0", ...PCM_SCALES.map((c) => `c = ${c}`)];
  const zero = risesOf(
    journal,
    model,
    { ...plain, tile: "pcm-0", rule: "dense-digital", share: 0 },
    1,
  )[0];
  const checked =
    zero === undefined ? "" : ` (measured for dense-digital: ${zero.toExponential(1)})`;
  return section(
    `### ${model}: PCM programming noise, rise of the loss (nats)`,
    head,
    [...rows, ["any", "100 %", ...["c = 0", ...PCM_SCALES].map(() => "0")]],
    `c = 0: weights are exact${checked}. 100 %: the all-digital model. ± over ${seeds} seeds.`,
  );
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
  const comparisons = comparisonsOf(journal, models, extent);
  const parts = [
    "# Placement study: tables\n",
    `Mean NLL on the first ${tokens} tokens of Moby-Dick, chapters 6-60, in windows of 256; rules saw only weights and chapters 61-100. ± is the standard error over noise seeds; all placements meet the same seeds. How to read this: docs/placement-study.md.\n`,
    mainTables(journal, models, goalSeeds),
    "## What each rule removes\n",
    ...models.flatMap((model) =>
      GOALS.map(([tile, share]) => goalTable(journal, model, tile, share, goalSeeds)),
    ),
    predictionTables(comparisons),
    converterTable(journal, models),
    moduleTable(journal, models, seeds),
    "## Noise times share\n",
    ...models.map((model) => gridTable(journal, model, seeds)),
    driftTable(journal, models, seeds),
    theoryTables(journal, models, seeds),
  ].filter((part) => part !== "");
  writeFileSync(join(folder, "tables.md"), `${parts.join("\n")}`);
  writeFileSync(join(folder, "run-time.md"), runTimeOf(journal.times_s()));
  writeFigures(folder, journal, models, extent, comparisons);
}
