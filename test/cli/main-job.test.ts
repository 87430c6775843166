import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report, ReportRow } from "../../src/model/report.ts";
import { emptyFolder, type Outcome, ohmoe, ROOT } from "./ohmoe.ts";

const read = (...path: readonly string[]): string => readFileSync(join(...path), "utf8");
const scripts: Record<string, string> = JSON.parse(read(ROOT, "package.json")).scripts;

/** Arguments of the program in an npm script. */
const argumentsOf = (script: string): readonly string[] =>
  scripts[script]!.split("node dist/main.js ")[1]!.split(" && ")[0]!.split(" ");
const withoutFiles = (args: readonly string[]): readonly string[] =>
  args.filter((word, i) => word !== "--out" && args[i - 1] !== "--out");

describe("the main job", () => {
  const folder = emptyFolder();
  let outcome: Outcome;
  let report: Report;
  const row = (placement: string): ReportRow => report.rows.find((r) => r.placement === placement)!;
  beforeAll(() => {
    outcome = ohmoe(argumentsOf("examples"), folder);
    report = JSON.parse(read(folder, "reports/examples/compare.json"));
  });

  test("npm start is the job of the examples", () => {
    expect(outcome.code).toBe(0);
    expect(withoutFiles(argumentsOf("start"))).toEqual(withoutFiles(argumentsOf("examples")));
  });

  test.each(["json", "md", "csv"])("the committed example is what the job writes: %s", (ending) => {
    const file = `reports/examples/compare.${ending}`;
    expect(read(folder, file)).toBe(read(ROOT, file));
  });

  test("README shows what the job prints", () => {
    const shown = /<!-- output of npm start -->\n```text\n([\s\S]*?)```/.exec(
      read(ROOT, "README.md"),
    );
    expect(shown?.[1]).toBe(outcome.stdout);
  });

  test("compares at least six placements in latency, energy, area and accuracy", () => {
    expect(report.rows.length).toBeGreaterThanOrEqual(6);
    for (const r of report.rows) {
      expect(r.feasible).toBe(true);
      for (const value of [r.decode_latency_ns, r.energy_pJ_per_token, r.area_mm2, r.perplexity])
        expect(value).toBeGreaterThan(0);
      expect(r.accuracy_source).toBe("measured");
    }
  });

  test("the noiseless model is best, and more digital experts never make the loss much worse", () => {
    const loss = (placement: string): number => row(placement).nll_nats!;
    expect(row("all-digital").perplexity_sem).toBeNull();
    expect(row("all-digital").kl_nats).toBe(0);
    expect(loss("all-digital")).toBeLessThan(loss("max-neuron-norm:0.25"));
    expect(loss("max-neuron-norm:0.25")).toBeLessThan(loss("dense-digital"));
    expect(loss("dense-digital")).toBeLessThan(loss("all-analog"));
  });

  test("every line of the table fits a terminal of 80 columns", () => {
    for (const line of outcome.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
