import { describe, expect, test } from "vitest";
import { withinNoiseOf } from "../../src/explore/noise.ts";
import { changesOf, createResolver } from "../../src/explore/resolve.ts";
import { costsOf, rowOfError, rowOfResults } from "../../src/explore/results.ts";
import type { PointRow } from "../../src/explore/row.ts";
import { levelsOfRow } from "../../src/explore/space.ts";
import type { ReportRow } from "../../src/model/report.ts";
import type { Sweep } from "../../src/model/sweep.ts";
import { SWEEP, smallSpace } from "./spaces.ts";

const valuesOf = (variable: Sweep["variables"][number]) =>
  smallSpace({ variables: [variable] }).variables[0]!.values;
const pointer = "/run/batch";

describe("values", () => {
  test("steps are decimal, and the last value is met", () => {
    expect(
      valuesOf({ kind: "linear", name: "v", pointer, first: 0, last: 0.3, step: 0.1 }),
    ).toEqual([0, 0.1, 0.2, 0.3]);
    expect(valuesOf({ kind: "linear", name: "v", pointer, first: 1, last: 4.9, step: 2 })).toEqual([
      1, 3,
    ]);
  });

  test("a logarithmic range has equal ratios; whole numbers come once", () => {
    expect(valuesOf({ kind: "log", name: "v", pointer, first: 1, last: 1000, points: 4 })).toEqual([
      1, 10, 100, 1000,
    ]);
    const whole = { kind: "log" as const, name: "v", pointer, first: 1, last: 4, points: 9 };
    expect(valuesOf({ ...whole, whole: true })).toEqual([1, 2, 3, 4]);
  });

  test("linked values move together", () => {
    const space = smallSpace({
      variables: [
        {
          kind: "linked",
          name: "size",
          pointers: ["/arch/rows", "/arch/cols"],
          values: [
            [1, 10],
            [2, 20],
          ],
        },
      ],
    });
    const base = { arch: { rows: 0, cols: 0 }, archs: {}, run: {}, placement: "p" };
    expect(createResolver(space, base)([1]).arch).toEqual({ rows: 2, cols: 20 });
    expect(base.arch).toEqual({ rows: 0, cols: 0 });
  });

  test("the whole chip first, then what changes a part of it, whatever the order in the file", () => {
    const space = smallSpace({
      variables: [
        { kind: "list", name: "rows", pointer: "/arch/rows", values: [7] },
        { kind: "list", name: "chip", pointer: "/arch", values: ["small"] },
        { kind: "list", name: "share", pointer: "/placement/fraction", values: [0.5] },
      ],
    });
    const base = { arch: { rows: 1 }, archs: { small: { rows: 2 } }, run: {}, placement: "rank:0" };
    expect(createResolver(space, base)([0, 0, 0])).toMatchObject({
      arch: { rows: 7 },
      placement: "rank:0.5",
    });
    expect(changesOf(space.variables, [0, 0, 0])[0]!.pointer).toBe("/arch");
  });
});

const BAD: Readonly<Record<string, readonly [change: Partial<Sweep>, says: string]>> = {
  "unknown field": [
    { objectives: [{ expression: "energy_pJ_per_tokn", direction: "minimise" }] },
    "did you mean energy_pJ_per_token?",
  ],
  "expression without a name": [
    { objectives: [{ expression: "2 * area_mm2", direction: "minimise" }] },
    'allowed: a "name" for its column',
  ],
  "function that is none of ours": [
    { constraints: ["import(1)"] },
    "#/constraints/0: found import(1), with import()",
  ],
  "no expression": [{ constraints: ["1 +* 2"] }, "allowed: a mathjs expression"],
  "accuracy without a source": [
    { objectives: [{ expression: "perplexity", direction: "minimise" }] },
    "#/screening/accuracy",
  ],
  "name that every row has": [
    { variables: [{ kind: "list", name: "area_mm2", pointer, values: [1] }] },
    "which every row has",
  ],
  "value twice": [
    { variables: [{ kind: "list", pointer, values: [1, 1] }] },
    "#/variables/0/values/1: found 1 a second time",
  ],
  "field in two variables": [
    {
      variables: [
        { kind: "list", name: "x", pointer, values: [1] },
        { kind: "list", name: "y", pointer, values: [2] },
      ],
    },
    "which another variable changes",
  ],
  "too many combinations": [
    {
      variables: ["a", "b", "c"].map((name) => ({
        kind: "linear" as const,
        name,
        pointer: `/run/${name}`,
        first: 1,
        last: 1000,
        step: 1,
      })),
    },
    "1.0e+9 combinations",
  ],
};

test.each(Object.entries(BAD))("refused: %s", (_name, [change, says]) => {
  expect(() => smallSpace(change)).toThrow(says);
});

const START = {
  point: "p",
  index: 3,
  stage: "screening",
  level: "table",
  engine: "local",
} as const;
const REPORT = {
  placement: "p",
  energy_pJ_per_token: 5,
  decode_latency_ns: 1e3,
  perplexity: 20,
  perplexity_sem: 0.5,
  feasible: true,
  infeasible_reason: null,
} as unknown as ReportRow;
const FOUND = { report: REPORT, predicted_nll_nats: null, arch_sha256: "", placement_sha256: "" };
const variables = { a: 2, b: 3 };

describe("rows", () => {
  test("objectives, and costs to be minimised", () => {
    const space = smallSpace();
    const row = rowOfResults(space, { ...START, variables }, FOUND, 1);
    expect(row["speed"]).toBe(1e6);
    expect(costsOf(space.objectives, row)).toEqual([5, -1e6]);
    expect(levelsOfRow(space, row)).toEqual([1, 1]);
  });

  test("a constraint on a field makes a point infeasible, and says so", () => {
    const space = smallSpace({ constraints: ["energy_pJ_per_token < a"] });
    const row = rowOfResults(space, { ...START, variables }, FOUND, 1);
    expect(row.feasible).toBe(false);
    expect(row.infeasible_reason).toBe("constraint: energy_pJ_per_token < a");
    expect(costsOf(space.objectives, row)).toBeNull();
  });

  test("an objective without a value is an error, and an error has no values", () => {
    const space = smallSpace();
    const nothing = { ...REPORT, decode_latency_ns: null };
    const row = rowOfResults(space, { ...START, variables }, { ...FOUND, report: nothing }, 1);
    expect(row.error).toContain("1e9 / decode_latency_ns");
    const failed = rowOfError(space, { ...START, variables }, "why", 1);
    expect(failed).toMatchObject({
      error: "why",
      feasible: false,
      a: 2,
      energy_pJ_per_token: null,
    });
    expect(Object.keys(failed).sort()).toEqual(Object.keys(row).sort());
  });

  test("the standard error of an expression is that of its fields times the slope", () => {
    const space = smallSpace({
      objectives: [{ name: "twice", expression: "2 * perplexity", direction: "minimise" }],
      screening: { level: "table", accuracy: "measured" },
      base: { ...SWEEP.base, checkpoint: "tiny-olmoe" },
    });
    const row = rowOfResults(space, { ...START, variables }, FOUND, 1);
    expect(row["twice_sem"]).toBeCloseTo(1, 12);
  });
});

describe("noise", () => {
  const objectives = smallSpace({
    objectives: [
      { expression: "energy_pJ_per_token", direction: "minimise" },
      { expression: "perplexity", direction: "minimise" },
    ],
    screening: { level: "table", accuracy: "measured" },
    base: { ...SWEEP.base, checkpoint: "tiny-olmoe" },
  }).objectives;
  const row = (index: number, energy_pJ_per_token: number, perplexity: number, sem: number) =>
    ({
      index,
      feasible: true,
      energy_pJ_per_token,
      perplexity,
      perplexity_sem: sem,
    }) as unknown as PointRow;

  test("a lead of 1.9 standard errors is within noise, one of 2.1 is not", () => {
    const se = Math.hypot(0.3, 0.4);
    const cheap = row(1, 5, 20, 0.4);
    expect(withinNoiseOf(objectives, row(0, 6, 20 - 1.9 * se, 0.3), [cheap])).toEqual([1]);
    expect(withinNoiseOf(objectives, row(0, 6, 20 - 2.1 * se, 0.3), [cheap])).toEqual([]);
  });

  test("a lead in an objective without noise is a lead", () => {
    expect(withinNoiseOf(objectives, row(0, 4, 20, 9), [row(1, 5, 20, 9)])).toEqual([]);
  });
});
