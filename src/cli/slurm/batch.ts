/**
 * A folder that one job array works on: the chunks of points, and what its tasks have found.
 *
 *   batch.json       which space, so that a task can open it
 *   chunk-7.jsonl    points of task 7
 *   shard-7-*.jsonl  rows of task 7, a journal per attempt: attempts never write to the same file
 *   job              numbers of the jobs, a line each
 *   logs/            what the tasks printed
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PointTask } from "../explore/evaluate-point.ts";
import { wholeLines } from "../explore/lines.ts";
import { writeWhole } from "../files.ts";

export interface BatchSettings {
  /** Space file, absolute. */
  readonly file: string;
  readonly space_sha256: string;
}

export const logsOf = (batch: string): string => join(batch, "logs");

export function createBatch(batch: string, settings: BatchSettings): void {
  writeWhole(join(batch, "batch.json"), `${JSON.stringify(settings)}\n`);
  mkdirSync(logsOf(batch), { recursive: true });
}

export const readBatch = (batch: string): BatchSettings =>
  JSON.parse(readFileSync(join(batch, "batch.json"), "utf8")) as BatchSettings;

const chunkFile = (batch: string, chunk: number): string => join(batch, `chunk-${chunk}.jsonl`);

export const writeChunk = (batch: string, chunk: number, tasks: readonly PointTask[]): void =>
  writeWhole(chunkFile(batch, chunk), tasks.map((task) => `${JSON.stringify(task)}\n`).join(""));

export const readChunk = (batch: string, chunk: number): readonly PointTask[] =>
  [...wholeLines(chunkFile(batch, chunk))].map((line) => JSON.parse(line) as PointTask);

export const shardFile = (batch: string, chunk: number, attempt: string): string =>
  join(batch, `shard-${chunk}-${attempt}.jsonl`);

/** Shards of a chunk, or of all; their number grows with the attempts. */
export const shardsOf = (batch: string, chunk: number | "" = ""): readonly string[] =>
  readdirSync(batch)
    .filter((name) => name.startsWith(chunk === "" ? "shard-" : `shard-${chunk}-`))
    .sort()
    .map((name) => join(batch, name));

const jobFile = (batch: string): string => join(batch, "job");

export const noteJob = (batch: string, job: string): void =>
  appendFileSync(jobFile(batch), `${job}\n`);

export const jobsOf = (batch: string): readonly string[] =>
  existsSync(jobFile(batch)) ? [...wholeLines(jobFile(batch))] : [];

export const removeBatch = (batch: string): void => rmSync(batch, { recursive: true, force: true });

/** Batches that an earlier run left behind. */
export function leftBatches(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((batch) => existsSync(join(batch, "batch.json")));
}
