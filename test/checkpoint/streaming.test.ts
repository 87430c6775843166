import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { weightMatrices } from "../../src/model/matrix.ts";
import {
  EXPERTS,
  HIDDEN,
  peakValue,
  wideWorkload,
  writeWideCheckpoint,
} from "./wide-checkpoint.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmoe-wide-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a layer of OLMoE's width, 805 MB in three shards, is scored in less than 500 MB", () => {
  const bytes = writeWideCheckpoint(folder);
  expect(bytes).toBeGreaterThan(64 * 3 * 2048 * 1024 * 2);
  const output = execFileSync(
    process.execPath,
    ["--import", "tsx", "test/checkpoint/score-wide-checkpoint.ts", folder],
    { encoding: "utf8" },
  );
  const result = JSON.parse(output);
  expect(result.bytes).toBe(bytes);
  expect(result.peak_B).toBeLessThan(500e6);
  // Gate and up: 2048 equal weights in one row. Down: each column has one weight.
  const matrices = weightMatrices(wideWorkload());
  for (let expert = 0; expert < EXPERTS; expert++) {
    const [gate, up, down] = matrices.filter((m) => m.expert === expert).map(peakValue);
    expect(result.scores[0][expert] / (gate! * up! * HIDDEN * down!)).toBeCloseTo(1, 12);
  }
});
