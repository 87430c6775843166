import { expect, test } from "vitest";
import {
  type Cluster,
  createCluster,
  type RunCommand,
  ranges,
} from "../../src/cli/slurm/cluster.ts";
import { batchScript } from "../../src/cli/slurm/script.ts";
import { chunkPoints } from "../../src/cli/slurm/slurm-engine.ts";
import { runArray } from "../../src/cli/slurm/track.ts";
import { InputError } from "../../src/model/issue.ts";

/** A cluster on which each task of a job ends after some polls, done or not. */
function fakeCluster(endsDone: (task: number, attempt: number) => boolean, polls = 2) {
  const done = new Set<number>();
  const submitted: number[][] = [];
  const cancelled: string[] = [];
  let left = 0;
  const cluster: Cluster = {
    submit: async (_script, tasks) => {
      submitted.push([...tasks]);
      left = polls;
      return String(submitted.length);
    },
    active: async () => {
      if (left-- > 0) return new Set(submitted.at(-1)!);
      for (const task of submitted.at(-1)!) if (endsDone(task, submitted.length)) done.add(task);
      return new Set();
    },
    ending: async () => "FAILED",
    cancel: async (job) => {
      cancelled.push(job);
    },
  };
  return { cluster, submitted, cancelled, isDone: (task: number) => done.has(task) };
}

const run = (fake: ReturnType<typeof fakeCluster>, retries: number, isStopped = () => false) =>
  runArray({
    ...fake,
    script: "job.sh",
    tasks: [0, 1, 2, 3],
    retries,
    wait: async () => {},
    isStopped,
  });

test("only what is missing is submitted again, until it is done", async () => {
  const fake = fakeCluster((task, attempt) => task % 2 === 0 || attempt > 2);
  expect(await run(fake, 5)).toEqual(new Map());
  expect(fake.submitted).toEqual([
    [0, 1, 2, 3],
    [1, 3],
    [1, 3],
  ]);
});

test("a task that fails more often than it may is named with its ending; the others are done", async () => {
  const fake = fakeCluster((task) => task !== 2);
  expect(await run(fake, 2)).toEqual(new Map([[2, "FAILED"]]));
  expect(fake.submitted).toEqual([[0, 1, 2, 3], [2], [2]]);
  expect([0, 1, 3].every(fake.isDone)).toBe(true);
});

test("stopping ends the job", async () => {
  const fake = fakeCluster(() => true, 1e9);
  let polls = 0;
  await run(fake, 2, () => ++polls > 5);
  expect(fake.cancelled).toEqual(["1"]);
});

test("ranges name every task once", () => {
  expect(ranges([3, 1, 2, 9, 7, 8, 5])).toBe("1-3,5,7-9");
});

test("what sbatch says, and its absence, are clear errors; a silent controller is no answer", async () => {
  const answering =
    (code: number, stderr: string): RunCommand =>
    async () => ({ code, stdout: "", stderr });
  const submit = (answer: RunCommand) => createCluster(answer).submit("job.sh", [0]);
  await expect(submit(answering(1, "invalid partition specified: x"))).rejects.toThrow(
    "invalid partition",
  );
  await expect(submit(answering(127, ""))).rejects.toThrow(InputError);
  const active = (stderr: string) => createCluster(answering(1, stderr)).active("1");
  expect(await active("slurm_load_jobs error: Unable to contact slurm controller")).toBe(null);
  expect(await active("slurm_load_jobs error: Invalid job id specified")).toEqual(new Set());
});

test("chunks fill their time, but leave no node idle for the sake of it", () => {
  // 1 ms a point: 120 s are 120,000 points.
  expect(chunkPoints({ chunk_s: 120 }, 1, Number.POSITIVE_INFINITY)).toBe(120_000);
  // 64,000 points are 32 tasks of 2000, but less than 5 s of work are not worth one.
  expect(chunkPoints({ chunk_s: 120 }, 1, 64_000)).toBe(5000);
  expect(chunkPoints({ chunk_s: 120 }, 10_000, 320)).toBe(10);
  expect(chunkPoints({ chunk_s: 1 }, 10_000, 320)).toBe(1);
});

test("quotes and spaces in paths reach the command as they are", () => {
  const options = {
    partition: undefined,
    account: undefined,
    time_min: undefined,
    memory_MB: undefined,
    chunk_s: 1,
    retries: 0,
  };
  const script = batchScript({ options, logs: "/a", command: ["/bin/echo", "it's $HOME"] });
  expect(script).toContain(`exec '/bin/echo' 'it'\\''s $HOME' "$SLURM_ARRAY_TASK_ID"`);
});
