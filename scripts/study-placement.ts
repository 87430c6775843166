/**
 * The placement study: every rule on both shipped models, under the same noise seeds and on the same
 * text, which none of them has seen; converters, programming noise, drift, theory and cost.
 *
 *     npx tsx scripts/study-placement.ts [--quick] [--models M,..] [--jobs N] [--tables]
 *
 * Every measured cell goes to a journal at once; the same command goes on where it was cut off.
 * `--tables` measures nothing and writes tables and figures of what the journal holds.
 */
import { parseArgs } from "node:util";
import { onlyExpert } from "../src/accuracy/forward-curvature.ts";
import type { ExpertScores } from "../src/placement/strategy.ts";
import {
  type Cell,
  type Cells,
  cellsOf,
  type Extent,
  keyOf,
  NOT_CONVERTERS,
} from "./study/cells.ts";
import { noteCosts, writeCosts } from "./study/costs.ts";
import { openStudyModel, type Scores, type StudyModel } from "./study/model.ts";
import { type Journal, openJournal, type Pool, startPool } from "./study/pool.ts";
import { notePredictions } from "./study/predictions.ts";
import { RULES, tileKindsOf } from "./study/rules.ts";
import { writeTables } from "./study/tables.ts";
import { SENSITIVITIES } from "./study/theory.ts";
import { kindOf } from "./study/tiles.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    tables: { type: "boolean", default: false },
    models: { type: "string", default: "tiny-olmoe,tiny-deepseekmoe" },
    jobs: { type: "string", default: "2" },
    part: { type: "string" },
    tokens: { type: "string" },
    seeds: { type: "string" },
    journal: { type: "string" },
    out: { type: "string" },
  },
});
const { quick } = options;
const models = options.models.split(",").slice(0, quick ? 1 : undefined);
const tokens = Number(options.tokens ?? (quick ? 512 : 1024));
const seeds = Number(options.seeds ?? (quick ? 2 : 20));
const extent: Extent = { quick, goalSeeds: seeds, seeds: Math.max(2, Math.round(seeds / 5)) };
const base = `reports/placement-study${quick ? "-quick" : ""}`;
const journal = openJournal(options.journal ?? `${base}/cells-${tokens}.jsonl`);
const out = options.out ?? (quick ? base : "reports/examples/placement-study");

/** Cells that are being measured: dense-digital is in several cases. */
const underWay = new Map<string, Promise<number>>();
const start = Date.now();
const elapsed = (): string => `${((Date.now() - start) / 1000).toFixed(0)} s`;
// The comparison of rules on every model before anything else: a study may be cut off.
if (!options.tables)
  for (const part of cellsOf(extent).filter((_, i) =>
    [undefined, String(i + 1)].includes(options.part),
  ))
    for (const name of models) await measureModel(name, part);
writeTables(out, journal, models, extent, tokens);
if (!quick) writeCosts(out, journal);
console.error(`tables and figures in ${out} after ${elapsed()}`);

/** Measures every cell of a model that the journal lacks. */
async function measureModel(name: string, cells: Cells): Promise<void> {
  const model = await openStudyModel(name, tokens);
  console.error(`${name}: scores and curvature after ${elapsed()}`);
  const pool = startPool(model.setup, Number(options.jobs));
  const digital = { tileKinds: new Int32Array(model.matrices.length).fill(-1), seed: 0 };
  for (const measure of ["nll", "pairs"] as const)
    await measured(`${name}|${measure}|digital`, () =>
      pool.run({ ...digital, measure, age_s: 0, without: [] }),
    );
  const scored = { ...model, scores: { ...model.scores, ...(await measureSingles(model, pool)) } };
  if (!quick) writeScores(journal, scored);
  let done = 0;
  const tasks = tasksOf(cells);
  await Promise.all(
    tasks.map(async ([cell, seed]) => {
      await measured(keyOf(name, cell, seed), () => runCell(scored, pool, cell, seed));
      if (++done % 100 === 0)
        console.error(`${name}: ${done} of ${tasks.length} after ${elapsed()}`);
    }),
  );
  await pool.close();
  notePredictions(journal, scored, extent, tokens);
  if (!quick) noteCosts(journal, scored);
}

/**
 * Seed by seed, so that matrices that are programmed serve several rules: small samples as a whole,
 * so that a study that is cut off has some of everything, others case by case.
 */
function tasksOf(cells: Cells): readonly (readonly [Cell, seed: number])[] {
  const isSmall = cells.every(([, count]) => count <= extent.seeds);
  const groups = new Map<string, (readonly [Cell, number])[]>();
  for (const [cell, count] of cells) {
    const name = isSmall ? "" : cell.tile;
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    for (let seed = 1; seed <= count; seed++) group.push([cell, seed]);
  }
  return [...groups.values()].flatMap((group) => group.sort((a, b) => a[1] - b[1]));
}

/** From the journal, or from the run that is under way, or from a new run. */
function measured(key: string, measure: () => Promise<number>): Promise<number> {
  const known = journal.get(key);
  if (known !== undefined) return Promise.resolve(known);
  const begun = underWay.get(key) ?? begin(key, measure);
  underWay.set(key, begun);
  return begun;
}

async function begin(key: string, measure: () => Promise<number>): Promise<number> {
  const value = await measure();
  journal.add(key, value);
  return value;
}

function runCell(model: StudyModel, pool: Pool, cell: Cell, seed: number): Promise<number> {
  const { matrices, scores, risesOf } = model;
  const kind = kindOf(cell.tile);
  const basis = { matrices, scores, rises: risesOf(kind, cell.age_s) };
  const targets = RULES[cell.rule]!(basis, cell.share, seed);
  return pool.run({
    tileKinds: tileKindsOf(matrices, targets, kind),
    seed,
    measure: cell.measure,
    age_s: cell.age_s,
    without: cell.effects === "converters" ? NOT_CONVERTERS : [],
  });
}

/** KL divergence of the calibration text when one expert alone is noisy; an estimate if quick. */
async function measureSingles(model: StudyModel, pool: Pool): Promise<Scores> {
  if (quick) return { "measured-sensitivity": model.scores["forward-curvature"]! };
  const entries: (readonly [string, ExpertScores])[] = [];
  for (const [score, tile] of SENSITIVITIES)
    entries.push([score, await measureSinglesOn(tile, model, pool)]);
  return Object.fromEntries(entries);
}

async function measureSinglesOn(tile: string, model: StudyModel, pool: Pool) {
  const { matrices, name, workload } = model;
  const kind = kindOf(tile);
  const experts = matrices.filter(({ module, part }) => module === "expert" && part === "gate");
  const result: number[][] = Array.from({ length: workload.layers }, () => []);
  await Promise.all(
    experts.map(async ({ layer, expert }) => {
      const tileKinds = onlyExpert(matrices, layer, expert).map((k) => (k < 0 ? k : kind));
      const key = `${name}|single${tile === "pcm-2.5" ? "" : `-${tile}`}|${layer}|${expert}`;
      result[layer]![expert] = await measured(key, () =>
        pool.run({ tileKinds, seed: 1, measure: "calibration-kl", age_s: 0, without: [] }),
      );
    }),
  );
  return result;
}

/** Keeps the scores, for the check of the theory. */
function writeScores(to: Journal, { name, scores }: StudyModel): void {
  for (const [score, layers] of Object.entries(scores))
    layers.forEach((experts, layer) => {
      experts.forEach((value, expert) => {
        const key = `${name}|score|${score}|${layer}|${expert}`;
        if (to.get(key) === undefined) to.add(key, value);
      });
    });
}
