import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { EFFECT_NAMES } from "../../src/numerics/effects.ts";
import { emptyFolder, ohmoe } from "./ohmoe.ts";

const BASE = ["accuracy", "--checkpoint", "tiny-olmoe", "--jobs", "1", "--seeds", "1"];
const SHORT = [...BASE, "--text_tokens", "64", "--context_tokens", "64"];

function reportOf(args: readonly string[]): Report {
  const file = join(emptyFolder(), "r.json");
  const { code, stderr } = ohmoe([...SHORT, ...args, "--quiet", "--out", file]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(readFileSync(file, "utf8"));
}

describe("switching effects off", () => {
  test("with all of them off, analog has the loss of digital", () => {
    const all = ["--without", "periphery", "--without", "devices"];
    const placements = ["--placement", "all-digital", "--placement", "all-analog"];
    const { rows, options } = reportOf([...placements, "--age_s", "3600", ...all]);
    expect(Math.abs(rows[1]!.nll_nats! - rows[0]!.nll_nats!)).toBeLessThan(1e-4);
    expect(options.without).toEqual([...EFFECT_NAMES]);
  });

  test("a name that is none, and both options at once", () => {
    const unknown = ohmoe([...SHORT, "--placement", "all-analog", "--without", "thermal"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("output_noise");
    const both = ohmoe([
      ...SHORT,
      "--placement",
      "all-analog",
      "--only",
      "dac",
      "--without",
      "adc",
    ]);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("one of the two");
  });
});

describe("--explain", () => {
  test("names every analog matrix, and the effects that it has", () => {
    const report = reportOf(["--placement", "all-analog", "--only", "programming", "--explain"]);
    const diagnostics = report.diagnostics!;
    expect(diagnostics.length).toBeGreaterThan(6 * 4);
    for (const { error_rms, effects, snr_dB } of diagnostics) {
      const only = effects.filter((effect) => effect.error_rms > 1e-4);
      expect(only.map(({ effect }) => effect)).toEqual(["programming"]);
      expect(only[0]!.error_rms).toBeCloseTo(error_rms, 4);
      expect(snr_dB).toBeCloseTo(-20 * Math.log10(error_rms), 6);
    }
  });

  test("prints a table within 80 columns", () => {
    const { code, stdout } = ohmoe([...SHORT, "--placement", "all-analog", "--explain"]);
    expect(code).toBe(0);
    expect(stdout).toContain("error of each effect alone");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("--layer_by_layer", () => {
  test("has the numbers of the whole model", () => {
    const args = ["--placement", "all-digital", "--placement", "all-analog"];
    expect(reportOf([...args, "--layer_by_layer"]).rows).toEqual(reportOf(args).rows);
  });

  test("refuses what needs the whole model, and says so first", () => {
    const args = [...SHORT, "--placement", "all-analog", "--layer_by_layer", "--explain"];
    const { code, stderr } = ohmoe(args);
    expect(code).toBe(2);
    expect(stderr).toContain("read layer by layer");
  });
});
