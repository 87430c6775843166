/** Several ages and noise scales in one run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { renderHtml } from "../../src/report/formats/html.ts";
import { renderTerminal } from "../../src/report/terminal.ts";
import { emptyFolder, ohmoe } from "./ohmoe.ts";

const SHORT = ["--checkpoint", "tiny-olmoe", "--jobs", "1", "--text_tokens", "64"];
const PLACEMENTS = ["--placement", "all-analog", "--placement", "dense-digital"];
const BASE = ["accuracy", ...SHORT, "--context_tokens", "64", ...PLACEMENTS, "--seeds", "2"];

function reportOf(args: readonly string[]): Report {
  const file = join(emptyFolder(), "r.json");
  const { code, stderr } = ohmoe([...BASE, ...args, "--quiet", "--out", file]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(readFileSync(file, "utf8"));
}

describe("conditions", () => {
  const grid = reportOf(["--age_s", "0", "--age_s", "86400", "--noise_scale", "1", "2"]);

  test("each point is what a run under that condition alone finds", () => {
    const points = grid.accuracy_points!;
    expect(points).toHaveLength(2 * 2 * 2);
    const alone = reportOf(["--age_s", "86400", "--noise_scale", "2"]);
    expect(alone.accuracy_points).toBeUndefined();
    const own = points.filter((point) => point.age_s === 86400 && point.noise_scale === 2);
    expect(own.map((point) => [point.placement, point.nll_nats, point.nll_sem_nats])).toEqual(
      alone.rows.map((row) => [row.placement, row.nll_nats, row.nll_sem_nats]),
    );
  });

  test("rows are of the first condition", () => {
    const first = grid.accuracy_points!.filter((p) => p.age_s === 0 && p.noise_scale === 1);
    expect(grid.options).toMatchObject({ age_s: 0, noise_scale: 1 });
    expect(first.map(({ perplexity }) => perplexity)).toEqual(
      grid.rows.map(({ perplexity }) => perplexity),
    );
  });

  test("are a table of at most 80 columns, and figures over both", () => {
    const text = renderTerminal(grid);
    expect(text).toContain("Perplexity over noise scale and time since programming");
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const page = renderHtml(grid);
    expect(page).toContain("Perplexity over noise scale");
    expect(page).toContain("Perplexity over seconds since programming");
  });

  test("what is none, and what cannot be predicted", () => {
    const wrong = ohmoe([...BASE, "--age_s", "0", "0", "--noise_scale", "x"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("--age_s: found 0, 0; allowed: different numbers from 0");
    expect(wrong.stderr).toContain("--noise_scale: found no number");
    const predicted = ohmoe([...BASE, "--age_s", "0", "5", "--accuracy", "predicted"]);
    expect(predicted.code).toBe(2);
    expect(predicted.stderr).toContain("measured, where there are several ages");
    const table = ohmoe(["compare", ...BASE.slice(1), "--age_s", "0", "5", "--level", "table"]);
    expect(table.code).toBe(2);
    expect(table.stderr).toContain("predicted, the default at level table");
  });
});
