/** What one array task does on its node: the points of its chunk that no attempt has finished yet. */
import { rowKey } from "../../explore/row.ts";
import { InputError } from "../../model/issue.ts";
import { createPointEvaluator } from "../explore/evaluate-point.ts";
import { openJournal } from "../explore/journal.ts";
import { openSpace } from "../explore/open-space.ts";
import { readBatch, readChunk, shardFile, shardsOf } from "./batch.ts";
import { createShardReader } from "./shards.ts";

/**
 * @param attempt unlike that of any other run of this task
 * @throws InputError if the space is no longer what it was when the array was submitted
 */
export async function runTask(batch: string, chunk: number, attempt: string): Promise<void> {
  const { file, space_sha256 } = readBatch(batch);
  const done = new Set(createShardReader().fresh(shardsOf(batch, chunk)).map(rowKey));
  const { context, header } = await openSpace(file, "slurm");
  if (header.space_sha256 !== space_sha256)
    throw new InputError(file, [
      { pointer: "", found: "a space that has changed", allowed: "what was submitted" },
    ]);
  const evaluate = await createPointEvaluator(context);
  const journal = openJournal(shardFile(batch, chunk, attempt), header);
  for (const task of readChunk(batch, chunk))
    if (!done.has(rowKey(task))) journal.append([evaluate(task)]);
  journal.close();
}
