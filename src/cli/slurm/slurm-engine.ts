/** Evaluates points as job arrays of a Slurm cluster whose nodes share this folder. */
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { rowOfError } from "../../explore/results.ts";
import { type PointRow, rowKey } from "../../explore/row.ts";
import type { EvaluationEngine } from "../explore/engine.ts";
import { createPointEvaluator, type PointTask, startOf } from "../explore/evaluate-point.ts";
import type { OpenedSpace } from "../explore/open-space.ts";
import { take } from "../explore/take.ts";
import { writeWhole } from "../files.ts";
import {
  createBatch,
  jobsOf,
  leftBatches,
  logsOf,
  noteJob,
  readBatch,
  removeBatch,
  shardsOf,
  writeChunk,
} from "./batch.ts";
import type { Cluster } from "./cluster.ts";
import type { SlurmOptions } from "./options.ts";
import { batchScript } from "./script.ts";
import { createShardReader } from "./shards.ts";
import { runArray } from "./track.ts";

export interface SlurmSettings {
  readonly opened: OpenedSpace;
  /** `--out` of the exploration. */
  readonly folder: string;
  readonly options: SlurmOptions;
  readonly cluster: Cluster;
}

/** Array tasks of one job: Slurm's own default limit is 1001. */
const MOST_CHUNKS = 1000;
/** Fewer points are not worth spreading over more tasks. */
const SPREAD_CHUNKS = 32;
/** Starting a task costs about a second. */
const LEAST_CHUNK_S = 5;
/** Points whose time is measured here before anything is submitted. */
const PROBES = 3;
const POLL_MS = 1000;

const slurmFolder = (folder: string): string => join(resolve(folder), "slurm");

/** The script as it would be submitted: `--dry-run`. */
export const dryRunScript = (folder: string, options: SlurmOptions): string =>
  scriptOfBatch(join(slurmFolder(folder), "batch-0"), options);

const scriptOfBatch = (batch: string, options: SlurmOptions): string =>
  batchScript({
    options,
    logs: logsOf(batch),
    command: [process.execPath, realpathSync(process.argv[1]!), "explore-task", batch],
  });

export function createSlurmEngine(settings: SlurmSettings): EvaluationEngine {
  return {
    name: "slurm",
    run: (tasks, finished, isStopped) => runAll(settings, tasks, finished, isStopped),
    close: async () => {},
  };
}

type Finished = (rows: readonly PointRow[]) => void;

async function runAll(
  settings: SlurmSettings,
  tasks: Iterable<PointTask>,
  finished: Finished,
  isStopped: () => boolean,
): Promise<void> {
  const open = withoutRecovered(tasks, await recover(settings), finished);
  const { rows, point_ms } = await probe(settings, open);
  finished(rows);
  for (let number = 0; !isStopped(); number++) {
    const wave = take(open, MOST_CHUNKS * chunkPoints(settings.options, point_ms, Infinity));
    if (wave.length === 0) return;
    const points = chunkPoints(settings.options, point_ms, wave.length);
    const batch = join(slurmFolder(settings.folder), `batch-${number}`);
    await runBatch(settings, batch, chunksOf(wave, points), finished, isStopped);
  }
}

/** Points per task: `chunk_s` of work, less where that would leave most of a cluster idle. */
export function chunkPoints(
  { chunk_s }: Pick<SlurmOptions, "chunk_s">,
  point_ms: number,
  points: number,
): number {
  const inTime = (s: number): number =>
    Math.max(1, Math.round((s * 1000) / Math.max(point_ms, 0.01)));
  const spread = Math.max(Math.ceil(points / SPREAD_CHUNKS), inTime(LEAST_CHUNK_S));
  return Math.min(inTime(chunk_s), spread);
}

function chunksOf(tasks: readonly PointTask[], points: number): PointTask[][] {
  const chunks: PointTask[][] = [];
  for (let i = 0; i < tasks.length; i += points) chunks.push(tasks.slice(i, i + points));
  return chunks;
}

/** What an earlier coordinator's tasks found before it was killed; its jobs are ended. */
async function recover({ folder, opened, cluster }: SlurmSettings): Promise<Map<string, PointRow>> {
  const rows = new Map<string, PointRow>();
  for (const batch of leftBatches(slurmFolder(folder))) {
    for (const job of jobsOf(batch)) await cluster.cancel(job);
    if (readBatch(batch).space_sha256 === opened.header.space_sha256)
      for (const row of createShardReader().fresh(shardsOf(batch))) rows.set(rowKey(row), row);
    removeBatch(batch);
  }
  return rows;
}

function* withoutRecovered(
  tasks: Iterable<PointTask>,
  recovered: ReadonlyMap<string, PointRow>,
  finished: Finished,
): Generator<PointTask> {
  for (const task of tasks) {
    const row = recovered.get(rowKey(task));
    if (row === undefined) yield task;
    else finished([row]);
  }
}

/** The first points are evaluated here, which tells how many of the others fill a task. */
async function probe({ opened }: SlurmSettings, tasks: Generator<PointTask>) {
  const probes = take(tasks, PROBES);
  if (probes.length === 0) return { rows: [], point_ms: 1 };
  const evaluate = await createPointEvaluator(opened.context);
  const rows = probes.map(evaluate);
  return { rows, point_ms: rows[rows.length - 1]!.wall_ms };
}

async function runBatch(
  { opened, options, cluster }: SlurmSettings,
  batch: string,
  chunks: readonly (readonly PointTask[])[],
  finished: Finished,
  isStopped: () => boolean,
): Promise<void> {
  const { context, header } = opened;
  createBatch(batch, { file: resolve(context.file), space_sha256: header.space_sha256 });
  for (const [chunk, tasks] of chunks.entries()) writeChunk(batch, chunk, tasks);
  const script = join(batch, "job.sh");
  writeWhole(script, scriptOfBatch(batch, options));
  const missing = new Map(chunks.map((tasks, chunk) => [chunk, new Set(tasks.map(rowKey))]));
  const collect = collector(batch, missing, finished);
  const failed = await runArray({
    cluster: { ...cluster, submit: submitAndNote(cluster, batch) },
    script,
    tasks: [...missing.keys()],
    isDone: (chunk) => missing.get(chunk)!.size === 0,
    retries: options.retries,
    wait: async () => {
      await new Promise((done) => setTimeout(done, POLL_MS));
      collect();
    },
    isStopped,
  });
  collect();
  if (isStopped()) return;
  for (const [chunk, ending] of failed)
    finished(lostRows(opened, chunks[chunk]!, missing.get(chunk)!, ending));
  if (failed.size === 0) removeBatch(batch);
}

const submitAndNote =
  (cluster: Cluster, batch: string): Cluster["submit"] =>
  async (script, tasks) => {
    const job = await cluster.submit(script, tasks);
    noteJob(batch, job);
    return job;
  };

/** Hands on what is new in the shards and crosses it off. */
function collector(
  batch: string,
  missing: ReadonlyMap<number, Set<string>>,
  finished: Finished,
): () => void {
  const reader = createShardReader();
  const chunkOf = new Map(
    [...missing].flatMap(([chunk, keys]) => [...keys].map((key) => [key, chunk] as const)),
  );
  return () => {
    const rows = reader.fresh(shardsOf(batch));
    for (const row of rows) missing.get(chunkOf.get(rowKey(row)) ?? -1)?.delete(rowKey(row));
    if (rows.length > 0) finished(rows);
  };
}

/** Points of a task that failed more often than it may are rows with that as their error. */
function lostRows(
  { space, context }: OpenedSpace,
  tasks: readonly PointTask[],
  missing: ReadonlySet<string>,
  ending: string,
): PointRow[] {
  return tasks
    .filter((task) => missing.has(rowKey(task)))
    .map((task) =>
      rowOfError(space, startOf(context, space, task), `the Slurm task ended: ${ending}`, 0),
    );
}
