import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeLines } from "../../src/cli/explore/lines.ts";
import { emptyFolder, ohmoe, ROOT } from "../cli/ohmoe.ts";

const CLUSTER = join(ROOT, "test", "slurm", "cluster.sh");
const hasSlurm =
  process.getuid?.() === 0 &&
  ["slurmctld", "slurmd", "munged", "sbatch"].every(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0,
  );

const SPACE = {
  format: "sweep/1",
  name: "slurm-test",
  base: {
    arch: "hetero-pcm",
    workload: "tiny-olmoe",
    placements: ["all-digital", "dense-digital", "all-analog"],
    run: { decode_tokens: 1 },
  },
  variables: [
    { kind: "list", pointer: "/run/prefill_tokens", values: [64, 128, 256] },
    { kind: "list", pointer: "/run/batch", values: [1, 2, 3] },
  ],
  objectives: [
    { expression: "energy_pJ_per_token", direction: "minimise" },
    { expression: "decode_latency_ns", direction: "minimise" },
  ],
  screening: { level: "simulate", accuracy: "none" },
};

/** Rows by stage and number, without what says where and how fast they were made. */
function rowsOf(folder: string): Record<string, unknown> {
  const rows = [...wholeLines(join(folder, "journal.jsonl"))]
    .slice(1)
    .map((line) => JSON.parse(line));
  const named = rows.map(({ engine, wall_ms, ...row }) => [`${row.stage} ${row.index}`, row]);
  expect(new Set(named.map(([name]) => name)).size, "a row is there twice").toBe(rows.length);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(!hasSlurm)(
  "a Slurm cluster of three nodes on this machine",
  { timeout: 300_000 },
  () => {
    const cluster = mkdtempSync(join(tmpdir(), "ohmoe-slurm-"));
    const space = join(emptyFolder(), "space.json");
    const local = emptyFolder();

    beforeAll(() => {
      execFileSync(CLUSTER, ["start", cluster, "3"]);
      process.env["SLURM_CONF"] = join(cluster, "slurm.conf");
      writeFileSync(space, JSON.stringify(SPACE));
      expect(ohmoe(["explore", space, "--out", local]).stderr).not.toContain("found");
    });

    const runs: ChildProcess[] = [];
    afterAll(() => {
      for (const run of runs) run.kill("SIGKILL");
      execFileSync(CLUSTER, ["stop", cluster]);
      rmSync(cluster, { recursive: true, force: true, maxRetries: 5 });
    });

    const explore = (out: string): ChildProcess => {
      const run = spawn(process.execPath, [
        join(ROOT, "dist", "main.js"),
        ...["explore", space, "--out", out, "--engine", "slurm", "--chunk_s", "0.2", "--quiet"],
      ]);
      runs.push(run);
      return run;
    };
    const ended = (run: ChildProcess): Promise<number | null> =>
      new Promise((done) => run.on("exit", done));
    const until = async (isTrue: () => boolean): Promise<void> => {
      while (!isTrue()) await new Promise((done) => setTimeout(done, 100));
    };
    const runningTasks = (): string[] =>
      execFileSync("squeue", ["-h", "-t", "R", "-o", "%A %N"], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line !== "");
    const pidOf = (node: string): number =>
      Number(readFileSync(join(cluster, `slurmd-${node}.pid`), "utf8"));

    test("the same rows as local threads; nothing is left behind", async () => {
      const out = emptyFolder();
      expect(await ended(explore(out))).toBe(0);
      expect(rowsOf(out)).toEqual(rowsOf(local));
      expect(existsSync(join(out, "slurm")) ? readdirSync(join(out, "slurm")) : []).toEqual([]);
    });

    test("a task killed and a node lost in the middle: nothing is lost, nothing doubled", async () => {
      const out = emptyFolder();
      const run = explore(out);
      await until(() => runningTasks().length >= 2);
      const [[job], [, node]] = runningTasks().map((line) => line.split(" ")) as [
        string[],
        string[],
      ];
      execFileSync("scancel", ["--signal=KILL", job!]);
      process.kill(pidOf(node!), "SIGKILL");
      expect(await ended(run)).toBe(0);
      expect(rowsOf(out)).toEqual(rowsOf(local));
    });

    test("--dry-run prints a script that names its options, and submits nothing", () => {
      const { code, stdout } = ohmoe([
        ...["explore", space, "--out", emptyFolder(), "--engine", "slurm", "--dry-run"],
        ...["--partition", "test", "--time_min", "5", "--memory_MB", "500"],
      ]);
      expect(code).toBe(0);
      for (const option of ["partition=test", "time=5", "mem=500M", "requeue"])
        expect(stdout).toContain(`#SBATCH --${option}\n`);
      expect(spawnSync("sh", ["-n"], { input: stdout }).status).toBe(0);
      expect(runningTasks()).toEqual([]);
    });
  },
);
