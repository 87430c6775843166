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
import type { WeightMatrix } from "../src/model/matrix.ts";
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
import { groupsOf, inSharingOrder, type Sample } from "./study/groups.ts";
import { openStudyModel, type Scores, type StudyModel } from "./study/model.ts";
import { type Journal, type NewTask, openJournal, type Pool, startPool } from "./study/pool.ts";
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
const names = options.models.split(",").slice(0, quick ? 1 : undefined);
const tokens = Number(options.tokens ?? (quick ? 512 : 1024));
const seeds = Number(options.seeds ?? (quick ? 2 : 20));
const extent: Extent = { quick, goalSeeds: seeds, seeds: Math.max(2, Math.round(seeds / 5)) };
const base = `reports/placement-study${quick ? "-quick" : ""}`;
const journal = openJournal(options.journal ?? `${base}/cells-${tokens}.jsonl`);
const out = options.out ?? (quick ? base : "reports/examples/placement-study");

const plainTask = { age_s: 0, without: [] } as const;
const models = new Map<string, Promise<StudyModel>>();
const start = Date.now();
const elapsed = (): string => `${((Date.now() - start) / 1000).toFixed(0)} s`;
// The comparison of rules on every model before anything else: a study may be cut off.
if (!options.tables)
  for (const [part, cells] of cellsOf(extent).entries())
    if ([undefined, String(part + 1)].includes(options.part))
      for (const name of names) await measureModel(name, part + 1, cells);
writeTables(out, journal, names, extent, tokens);
if (!quick) writeCosts(out, journal);
console.error(`tables and figures in ${out} after ${elapsed()}`);

/** Measures every cell of a model that the journal lacks. */
async function measureModel(name: string, part: number, cells: Cells): Promise<void> {
  const model = await opened(name);
  const pool = startPool(model.setup, Number(options.jobs));
  await pool.ready;
  // What it took to come here is no cell's time.
  const opening = `${name}|opened|${part}`;
  if (journal.get(opening) === undefined) journal.add(opening, tokens);
  const digital = { tileKinds: new Int32Array(model.matrices.length).fill(-1), seed: 0 };
  for (const measure of ["nll", "pairs"] as const)
    await measureMissing(pool, [
      { key: `${name}|${measure}|digital`, task: { ...digital, ...plainTask, measure } },
    ]);
  const scored = { ...model, scores: { ...model.scores, ...(await measureSingles(model, pool)) } };
  if (!quick) writeScores(journal, scored);
  const groups = groupsOf(cells, extent.seeds);
  const samples = groups.reduce((sum, group) => sum + group.length, 0);
  let done = 0;
  await Promise.all(
    groups.map(async (group) => {
      await measureMissing(pool, itemsOf(scored, group));
      const before = done;
      done += group.length;
      if (Math.floor(done / 100) > Math.floor(before / 100))
        console.error(`${name}: ${done} of ${samples} after ${elapsed()}`);
    }),
  );
  await pool.close();
  notePredictions(journal, scored, extent, tokens);
  if (!quick) noteCosts(journal, scored);
}

/** A model is opened once: its scores and its curvature take a while. */
function opened(name: string): Promise<StudyModel> {
  const known = models.get(name);
  if (known !== undefined) return known;
  const opening = openStudyModel(name, tokens);
  models.set(name, opening);
  return opening.then((model) => {
    console.error(`${name}: scores and curvature after ${elapsed()}`);
    return model;
  });
}

/** What is to be measured, and what the journal calls it. */
interface Item {
  readonly key: string;
  readonly task: NewTask;
}

/** Measures what the journal lacks, on one thread. */
async function measureMissing(pool: Pool, items: readonly Item[]): Promise<void> {
  const missing = new Map(
    items.filter(({ key }) => journal.get(key) === undefined).map((item) => [item.key, item]),
  );
  const ordered = inSharingOrder([...missing.values()]);
  const values = pool.run(ordered.map(({ task }) => task));
  await Promise.all(
    ordered.map(async ({ key }, i) => {
      journal.add(key, await values[i]!);
    }),
  );
}

function itemsOf(model: StudyModel, group: readonly Sample[]): Item[] {
  return group
    .map(([cell, seed]) => ({ key: keyOf(model.name, cell, seed), cell, seed }))
    .filter(({ key }) => journal.get(key) === undefined)
    .map(({ key, cell, seed }) => ({ key, task: taskOf(model, cell, seed) }));
}

function taskOf(model: StudyModel, cell: Cell, seed: number): NewTask {
  const { matrices, scores, risesOf } = model;
  const kind = kindOf(cell.tile);
  const basis = { matrices, scores, rises: risesOf(kind, cell.age_s) };
  const targets = RULES[cell.rule]!(basis, cell.share, seed);
  return {
    tileKinds: tileKindsOf(matrices, targets, kind),
    seed,
    measure: cell.measure,
    age_s: cell.age_s,
    without: cell.effects === "converters" ? NOT_CONVERTERS : [],
  };
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
  const keyOfSingle = (layer: number, expert: number): string =>
    `${name}|single${tile === "pcm-2.5" ? "" : `-${tile}`}|${layer}|${expert}`;
  const layers = Array.from({ length: workload.layers }, (_, layer) =>
    matrices.filter((m) => m.layer === layer && m.module === "expert" && m.part === "gate"),
  );
  const itemOf = ({ layer, expert }: WeightMatrix): Item => {
    const tileKinds = onlyExpert(matrices, layer, expert).map((k) => (k < 0 ? k : kind));
    const task = { tileKinds, seed: 1, ...plainTask, measure: "calibration-kl" } as const;
    return { key: keyOfSingle(layer, expert), task };
  };
  await Promise.all(layers.map((experts) => measureMissing(pool, experts.map(itemOf))));
  return layers.map((experts) =>
    experts.map(({ layer, expert }) => journal.get(keyOfSingle(layer, expert))!),
  );
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
