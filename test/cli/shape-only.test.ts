import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { emptyFolder, type Outcome, ohmoe } from "./ohmoe.ts";

const PLACEMENTS = ["all-digital", "all-analog", "dense-digital", "random:0.25"];
const placementArguments = PLACEMENTS.flatMap((p) => ["--placement", p]);

describe("compare on a model without weights", () => {
  const folder = emptyFolder();
  let outcome: Outcome;
  let report: Report;
  beforeAll(() => {
    outcome = ohmoe(
      [
        ...["compare", "--workload", "olmoe-1b-7b", ...placementArguments],
        ...["--prefill_tokens", "4", "--decode_tokens", "2"],
        ...["--out", "report.json", "--out", "report.md", "--out", "report.csv"],
      ],
      folder,
    );
    report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  });

  test("prints the table and says that accuracy was not evaluated", () => {
    expect(outcome.code).toBe(0);
    for (const placement of PLACEMENTS) expect(outcome.stdout).toContain(placement);
    expect(outcome.stdout).toContain("accuracy was not evaluated: no weights");
    for (const line of outcome.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("shows no progress bar in a pipe", () => {
    expect(outcome.stderr).toBe("wrote report.json\nwrote report.md\nwrote report.csv\n");
  });

  test("has time, energy and area, and null where accuracy would be", () => {
    expect(report.rows.map(({ placement }) => placement)).toEqual(PLACEMENTS);
    for (const row of report.rows) {
      expect(row.decode_latency_ns).toBeGreaterThan(0);
      expect(row.energy_pJ_per_token).toBeGreaterThan(0);
      expect(row.area_mm2).toBeGreaterThan(0);
      expect(row.nll_nats).toBeNull();
      expect(row.accuracy_source).toBe("none");
    }
  });

  // (16 x 4 x 2048^2 + 50304 x 2048) of the weight matrices without embedding and router
  test("digital shares are those of the published table, embedding and router left out", () => {
    const dense = 16 * 4 * 2048 ** 2 + 50304 * 2048;
    const experts = 16 * 64 * 3 * 2048 * 1024;
    const shares = report.rows.map((row) => row.digital_parameters_frac);
    expect(shares[0]).toBe(1);
    expect(shares[1]).toBe(0);
    expect(shares[2]).toBeCloseTo(dense / (dense + experts), 12);
    expect(shares[3]).toBeCloseTo((dense + experts / 4) / (dense + experts), 12);
  });

  test("the breakdown sums to the totals", () => {
    for (const row of report.rows) {
      const own = report.breakdown.filter(({ placement }) => placement === row.placement);
      const energy = (phase: string): number =>
        own.filter((b) => b.phase === phase).reduce((sum, b) => sum + (b.energy_pJ ?? 0), 0);
      const area_mm2 = own.reduce((sum, b) => sum + (b.area_mm2 ?? 0), 0);
      expect(energy("prefill") / row.prefill_energy_pJ!).toBeCloseTo(1, 9);
      expect(energy("decode") / (row.energy_pJ_per_token! * 2)).toBeCloseTo(1, 9);
      expect(area_mm2 / row.area_mm2!).toBeCloseTo(1, 9);
    }
  });

  test("every component of the energy has a source, and the shares of evidence sum to 1", () => {
    const known = new Set(report.sources.map(({ component }) => component));
    for (const { component, energy_pJ } of report.breakdown)
      if (energy_pJ !== null) expect(known).toContain(component);
    for (const placement of PLACEMENTS) {
      const shares = report.evidence.filter((e) => e.placement === placement);
      expect(shares.reduce((sum, e) => sum + e.energy_frac, 0)).toBeCloseTo(1, 9);
    }
  });

  test("the saved report is valid and renders again to the same files", () => {
    expect(ohmoe(["validate", "report.json"], folder).code).toBe(0);
    const again = ohmoe(
      ["report", "report.json", "--out", "again.md", "--out", "again.json"],
      folder,
    );
    expect(again.stdout).toBe(outcome.stdout);
    const text = (file: string): string => readFileSync(join(folder, file), "utf8");
    expect(text("again.md")).toBe(text("report.md"));
    expect(text("again.json")).toBe(text("report.json"));
  });

  test("a placement of the report replays to the same numbers", async () => {
    const { writeFileSync } = await import("node:fs");
    const saved = report.inputs.placements[3]!.value;
    writeFileSync(join(folder, "saved.json"), JSON.stringify(saved));
    ohmoe(
      [
        ...["run", "--workload", "olmoe-1b-7b", "--placement", "saved.json"],
        ...["--prefill_tokens", "4", "--decode_tokens", "2", "--out", "replay.json"],
      ],
      folder,
    );
    const replay: Report = JSON.parse(readFileSync(join(folder, "replay.json"), "utf8"));
    const { placement: _name, ...numbers } = report.rows[3]!;
    expect(replay.rows[0]).toEqual({ placement: "saved.json", ...numbers });
  });
});

test("--explain names what the critical path is made of, and its parts sum to the latency", () => {
  const folder = emptyFolder();
  const { code, stdout } = ohmoe(
    [
      ...["run", "--workload", "olmoe-1b-7b", "--placement", "dense-digital", "--explain"],
      ...["--prefill_tokens", "2", "--decode_tokens", "1", "--out", "r.json"],
    ],
    folder,
  );
  expect(code).toBe(0);
  expect(stdout).toContain("critical path of dense-digital, decode");
  expect(stdout).toMatch(/memory read on hbm \(result needed\)/);
  const report: Report = JSON.parse(readFileSync(join(folder, "r.json"), "utf8"));
  const decode = report.critical!.filter(({ phase }) => phase === "decode");
  const total_ns = decode.reduce((sum, row) => sum + row.time_ns, 0);
  expect(total_ns).toBeCloseTo(report.rows[0]!.decode_latency_ns!, 3);
});

describe("what does not fit", () => {
  test("is a result with both numbers, exit code 0", () => {
    const folder = emptyFolder();
    const { code, stdout } = ohmoe(
      [
        ...["compare", "--arch", "hermes-64core", "--workload", "olmoe-1b-7b"],
        ...["--placement", "all-analog", "--prefill_tokens", "1", "--decode_tokens", "1"],
        ...["--out", "r.json"],
      ],
      folder,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("does not fit");
    const report: Report = JSON.parse(readFileSync(join(folder, "r.json"), "utf8"));
    const row = report.rows[0]!;
    expect(row.feasible).toBe(false);
    expect(row.infeasible_reason).toMatch(/\d+ crossbars.*\b64\b/);
    expect(row.decode_latency_ns).toBeNull();
  });
});
