import { describe, expect, test } from "vitest";
import { explainReport } from "../../src/report/explain-report.ts";
import { TOPICS } from "../../src/report/only.ts";
import { renderTerminal } from "../../src/report/terminal.ts";
import { bar, PLAIN, visibleLength } from "../../src/report/terminal-style.ts";
import { renderTopic } from "../../src/report/topic-tables.ts";
import { sampleReport } from "./sample.ts";

const report = sampleReport();
const widest = (text: string): number => Math.max(...text.split("\n").map(visibleLength));

test("a plain table has no escape and 80 columns; a coloured one says the same", () => {
  const plain = renderTerminal(report);
  expect(plain).not.toContain("\u001b");
  expect(widest(plain)).toBeLessThanOrEqual(80);
  const colored = renderTerminal(report, { color: true, width: 80 });
  expect(colored).toContain("\u001b[1m");
  expect(widest(colored)).toBeLessThanOrEqual(80);
});

test("an explanation has ten lines of at most 80 characters", () => {
  const text = explainReport(report, PLAIN).trimEnd();
  expect(text.split("\n")).toHaveLength(10);
  expect(widest(text)).toBeLessThanOrEqual(80);
  for (const word of ["slow", "costly", "inaccurate"]) expect(text).toContain(word);
});

test("what was not evaluated is said", () => {
  const text = explainReport(sampleReport(["a", "b"], { withAccuracy: false }), PLAIN);
  expect(text).toContain("accuracy was not evaluated");
});

test("explanations name the largest parts of the breakdown", () => {
  const most = [...report.rows].sort((a, b) => b.energy_pJ_per_token! - a.energy_pJ_per_token!)[0]!;
  const sums = new Map<string, number>();
  for (const row of report.breakdown)
    if (row.placement === most.placement && row.phase === "decode")
      sums.set(row.component, (sums.get(row.component) ?? 0) + row.energy_pJ!);
  const largest = [...sums].sort((a, b) => b[1] - a[1])[0]![0];
  expect(explainReport(report, PLAIN)).toContain(`its energy: ${largest}`);
});

describe.each(TOPICS)("topic %s", (topic) => {
  test("fits 80 columns", () => {
    expect(widest(renderTopic(report, topic, PLAIN))).toBeLessThanOrEqual(80);
  });
});

test("areas of components sum to the chip's", () => {
  const text = renderTopic(report, "area", PLAIN);
  const lines = text.slice(0, text.indexOf("One ")).split("\n");
  const shares = lines.flatMap((line) => /([\d.]+) %/.exec(line)?.[1] ?? []).map(Number);
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
});

test("bars: nothing for zero, something for little, all for one", () => {
  expect(bar(0, 8)).toBe("");
  expect(bar(1e-9, 8)).toBe("▏");
  expect(bar(0.5, 8)).toBe("████");
  expect(bar(2, 8)).toBe("████████");
});
