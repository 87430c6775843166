import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Exploration } from "../../src/model/exploration.ts";
import { emptyFolder, ohmoe, ROOT } from "./ohmoe.ts";

/** 180 points of a small model at level table; some are no valid chips. */
const SPACE = {
  format: "sweep/1",
  name: "quick",
  base: {
    arch: "hetero-pcm",
    workload: "tiny-olmoe",
    placements: ["dense-digital", "all-analog"],
    run: { prefill_tokens: 4, decode_tokens: 2 },
  },
  variables: [
    {
      kind: "linear",
      name: "effective_bits",
      pointer: "/arch/tiles/0/cost/adc/energy/effective_bits",
      first: 6,
      last: 10,
      step: 2,
    },
    {
      kind: "log",
      name: "integration_ns",
      pointer: "/arch/tiles/0/cost/crossbar/integration_ns",
      first: 10,
      last: 1000,
      points: 6,
    },
    {
      kind: "log",
      name: "hop_ns",
      pointer: "/arch/interconnect/hop_ns",
      first: 1,
      last: 100,
      points: 5,
      whole: true,
    },
  ],
  objectives: [
    { expression: "energy_pJ_per_token", direction: "minimise" },
    { expression: "decode_latency_ns", direction: "minimise" },
  ],
  screening: { level: "table", accuracy: "none" },
  survivors: { level: "simulate", accuracy: "none", points: 4 },
};

const folder = emptyFolder();
const spaceFile = join(folder, "space.json");
const explore = (out: string, ...more: readonly string[]) =>
  ohmoe(["explore", spaceFile, "--out", join(folder, out), "--quiet", ...more]);

/** Rows by stage and number; the order of finishing and the time are left out. */
function rowsIn(out: string): readonly Record<string, unknown>[] {
  const [, ...lines] = readFileSync(join(folder, out, "journal.jsonl"), "utf8")
    .trim()
    .split("\n");
  const rows = lines.map((line) => ({ ...JSON.parse(line), wall_ms: 0 }));
  const key = (row: Record<string, unknown>) =>
    `${row["stage"]} ${String(row["index"]).padStart(9)}`;
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
const found = (out: string): Exploration =>
  JSON.parse(readFileSync(join(folder, out, "exploration.json"), "utf8"));

beforeAll(() => {
  writeFileSync(spaceFile, JSON.stringify(SPACE));
  expect(explore("whole", "--jobs", "2").stderr).toBe("");
});

test("every point has a row, and a point that is no valid chip is a row with its error", () => {
  const rows = rowsIn("whole");
  expect(rows.filter(({ stage }) => stage === "screening")).toHaveLength(180);
  const failed = rows.filter(({ error }) => error !== null);
  // 10 effective bits of an ADC of 8.
  expect(failed).toHaveLength(60);
  for (const row of failed) expect(row["effective_bits"]).toBe(10);
  expect(String(failed[0]!["error"])).toContain(
    "/tiles/0/cost/adc/energy/effective_bits: found 10",
  );
  const { counts, front } = found("whole");
  expect(counts).toMatchObject({ screened_points: 180, failed_points: 60, survivor_points: 4 });
  expect(front.every(({ stage }) => stage === "survivor")).toBe(true);
});

test("results do not depend on --jobs", () => {
  explore("one", "--jobs", "1");
  expect(rowsIn("one")).toEqual(rowsIn("whole"));
  expect(found("one")).toEqual(found("whole"));
});

/** Starts an exploration and sends a signal when the journal has some rows. @returns exit code or signal */
function interrupted(out: string, signal: NodeJS.Signals): Promise<number | string | null> {
  const args = ["explore", spaceFile, "--out", join(folder, out), "--quiet", "--jobs", "1"];
  const child = spawn(process.execPath, [join(ROOT, "dist", "main.js"), ...args]);
  const journal = join(folder, out, "journal.jsonl");
  const timer = setInterval(() => {
    if (existsSync(journal) && readFileSync(journal, "utf8").split("\n").length > 4) {
      clearInterval(timer);
      child.kill(signal);
    }
  }, 2);
  return new Promise((resolve) => {
    child.on("exit", (code, by) => {
      clearInterval(timer);
      resolve(by ?? code);
    });
  });
}

describe("interrupted and resumed", () => {
  test("kill -9, even in the middle of a line: resumed, it equals an uninterrupted run", async () => {
    expect(await interrupted("killed", "SIGKILL")).toBe("SIGKILL");
    const journal = join(folder, "killed", "journal.jsonl");
    const { length } = readFileSync(journal);
    truncateSync(journal, length - 20);
    expect(explore("killed", "--resume").code).toBe(0);
    expect(rowsIn("killed")).toEqual(rowsIn("whole"));
    expect(found("killed")).toEqual(found("whole"));
  });

  test("Ctrl-C ends cleanly with 130, and --resume goes on", async () => {
    expect(await interrupted("stopped", "SIGINT")).toBe(130);
    const before = rowsIn("stopped").length;
    expect(before).toBeGreaterThan(0);
    expect(found("stopped").notes.join()).toContain("stopped before its end");
    expect(explore("stopped", "--resume").code).toBe(0);
    expect(rowsIn("stopped")).toEqual(rowsIn("whole"));
  });

  test("what is done is not done again", () => {
    const before = readFileSync(join(folder, "whole", "journal.jsonl"), "utf8");
    expect(explore("whole", "--resume").code).toBe(0);
    expect(readFileSync(join(folder, "whole", "journal.jsonl"), "utf8")).toBe(before);
  });
});

describe("refused", () => {
  const says = (text: string, { code, stderr }: { code: number | null; stderr: string }): void => {
    expect(stderr).toContain(text);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
  };

  test("a folder that holds an exploration, without --resume", () => {
    says("--resume to go on with this one", explore("whole"));
  });

  test("a space that has changed", () => {
    const changed = join(folder, "changed.json");
    writeFileSync(changed, JSON.stringify({ ...SPACE, objectives: SPACE.objectives.slice(0, 1) }));
    says(
      "an exploration of another space",
      ohmoe(["explore", changed, "--out", join(folder, "whole"), "--resume"]),
    );
  });

  test("a journal with a damaged line names it", () => {
    mkdirSync(join(folder, "damaged"));
    const journal = join(folder, "damaged", "journal.jsonl");
    const lines = readFileSync(join(folder, "whole", "journal.jsonl"), "utf8").split("\n");
    writeFileSync(journal, [...lines.slice(0, 3), "{broken", ""].join("\n"));
    says("journal.jsonl:4: found a damaged line", explore("damaged", "--resume"));
  });

  test("a pointer and values that cannot be, each with its variable", () => {
    const space = join(folder, "pointer.json");
    const variable = (pointer: string, values: unknown[]) => ({ kind: "list", pointer, values });
    writeFileSync(
      space,
      JSON.stringify({ ...SPACE, variables: [variable("/arch/tiles/0/outptu/bits", [8])] }),
    );
    says("did you mean output?", ohmoe(["explore", space, "--out", join(folder, "x")]));
    const values = [variable("/arch/tiles/0/output/bits", [8, 40]), variable("/run/batch", [0])];
    writeFileSync(space, JSON.stringify({ ...SPACE, variables: values }));
    const outcome = ohmoe(["explore", space, "--out", join(folder, "x")]);
    says("bits = 40, which makes /arch/tiles/0/output/bits 40", outcome);
    says("batch = 0", outcome);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that may not be written", () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    says("a file that may not be accessed", explore("locked/inner"));
  });

  test("a path that goes through a file", () => {
    appendFileSync(join(folder, "file"), "x");
    says("a path that goes through a file", explore("file/inner"));
  });
});
