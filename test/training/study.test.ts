/** The quick form of the study of hardware-aware training. */
import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyFolder, ROOT } from "../cli/ohmoe.ts";

const MINUTES_5 = 300_000;
const folder = emptyFolder();
const journal = join(folder, "cells", "encoder-digits.jsonl");

const run = (...more: readonly string[]) =>
  spawnSync(
    process.execPath,
    [
      ...[join(ROOT, "node_modules/tsx/dist/cli.mjs"), "scripts/study-hwa.ts", "--quick"],
      ...["--states", join(folder, "states"), "--out", folder, ...more],
    ],
    { cwd: ROOT, encoding: "utf8" },
  );

/** Mean A* of a row of the first table, after 1 second and after 1 year. */
function overTime(tables: string, version: string): readonly number[] {
  const row = tables.split("\n").find((line) => line.includes(`| ${version} |`))!;
  const stars = [...row.matchAll(/([-\d.]+) ± [\d.]+ %/g)].map(([, mean]) => Number(mean));
  return [stars[1]!, stars.at(-1)!];
}

test("trains, programs and searches; going on from a journal that was cut off comes to the same", {
  timeout: MINUTES_5,
}, () => {
  const { status, stderr } = run();
  expect(stderr).toContain("tables and figures in");
  expect(status).toBe(0);
  const tables = readFileSync(join(folder, "tables.md"), "utf8");
  const [first, last] = overTime(tables, "direct") as [number, number];
  expect(last).toBeLessThan(first);
  expect(tables).toMatch(/\| adc_bits \| bits \| \d+ \|/);
  expect(readFileSync(join(folder, "over-time-direct.svg"), "utf8")).toContain("</svg>");
  truncateSync(journal, Math.floor(readFileSync(journal).length * 0.8));
  expect(run().status).toBe(0);
  expect(readFileSync(join(folder, "tables.md"), "utf8")).toBe(tables);
});
