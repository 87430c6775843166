import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf, type Extent } from "../../scripts/study/cells.ts";
import { axisOf } from "../../scripts/study/chart-axis.ts";
import { groupsOf, inSharingOrder } from "../../scripts/study/groups.ts";
import { lineChart } from "../../scripts/study/line-chart.ts";
import { openJournal } from "../../scripts/study/pool.ts";
import { runTimeOf } from "../../scripts/study/run-time.ts";
import { pairedRatio, removedMultiple, removedShare } from "../../scripts/study/shares.ts";
import { rankCorrelation } from "../../scripts/study/theory.ts";
import { toleratedOf } from "../../scripts/study/tolerance.ts";
import { emptyFolder, ROOT } from "../cli/ohmoe.ts";

const MINUTES_8 = 480_000;

describe("the quick study", () => {
  const folder = emptyFolder();
  const journal = join(folder, "cells.jsonl");
  const run = () =>
    spawnSync(
      process.execPath,
      [
        ...[join(ROOT, "node_modules/tsx/dist/cli.mjs"), "scripts/study-placement.ts", "--quick"],
        ...[
          "--jobs",
          "2",
          "--tokens",
          "256",
          "--seeds",
          "4",
          "--journal",
          journal,
          "--out",
          folder,
        ],
      ],
      { cwd: ROOT, encoding: "utf8" },
    );

  test("runs, and finds what the full study finds: curvature beats chance", {
    timeout: MINUTES_8,
  }, () => {
    const { status, stderr } = run();
    expect(stderr).toContain("tables and figures in");
    expect(status).toBe(0);
    const tables = readFileSync(join(folder, "tables.md"), "utf8");
    const removed = (rule: string): number =>
      Number(new RegExp(`\\| ${rule} \\| [^|]+ \\| ([\\d.-]+) ±`).exec(tables)?.[1]);
    expect(removed("fisher-matrices")).toBeGreaterThan(removed("random"));
    expect(removed("optimal")).toBeGreaterThan(removed("random"));
    expect(tables).toContain("## Predicted and measured rises");
  });

  test("goes on where it was cut off, and comes to the same", { timeout: MINUTES_8 }, () => {
    const whole = readFileSync(journal, "utf8");
    const tables = readFileSync(join(folder, "tables.md"), "utf8");
    truncateSync(journal, Math.floor(whole.length * 0.9));
    expect(run().status).toBe(0);
    expect(readFileSync(join(folder, "tables.md"), "utf8")).toBe(tables);
    const cells = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => line.endsWith("}"))
        // What a cell took is of the run, not of the result.
        .map((line) => line.replace(/,"cpu_s":[^,}]+/, ""))
        .sort();
    expect(cells(readFileSync(journal, "utf8"))).toEqual(cells(whole));
  });
});

test("the journal keeps the last value and passes over half a line", () => {
  const file = join(emptyFolder(), "j.jsonl");
  writeFileSync(file, '{"key":"a","value":1}\n{"key":"b","val');
  const journal = openJournal(file);
  expect([journal.get("a"), journal.get("b")]).toEqual([1, undefined]);
  journal.add("b", 2);
  expect(openJournal(file).get("b")).toBe(2);
  expect(openJournal(file).times_s()).toEqual([
    ["a", null],
    ["b", expect.any(Number)],
  ]);
});

test("run time: each kind of cell costs what those of it that are timed cost", () => {
  const cell = (tile: string, seed: number): string => `m|nll|all|${tile}|0|random|0.25|${seed}`;
  const text = runTimeOf([
    [cell("a", 1), 2],
    [cell("a", 2), 4],
    [cell("a", 3), null],
    [cell("b", 1), 18],
    ["m|single|0|1", null],
    ["m|opened|1", 60],
    ["m|predicted rise|x", null],
  ]);
  // 3 + 3 + 3, 18, and 8, the mean of all three
  expect(text).toContain("| 5 | 3 | 7.00 | 1.0 | 1.6 |");
  expect(text).toContain("| m, a | 3 | 2 | 3.00 | 0.1 |");
  expect(text).toContain("| m, one expert noisy | 1 | 0 | 8.00 | 0.1 |");
});

describe("the order of measuring", () => {
  const extent: Extent = { quick: false, goalSeeds: 20, seeds: 4 };

  test("every cell is measured under each of its seeds, once", () => {
    for (const cells of cellsOf(extent)) {
      const samples = groupsOf(cells, extent.seeds).flat();
      expect(samples.length).toBe(cells.reduce((sum, [, seeds]) => sum + seeds, 0));
      for (const [cell, seeds] of cells) {
        const own = samples.filter(([other]) => other === cell).map(([, seed]) => seed);
        expect(own.sort((a, b) => a - b)).toEqual(Array.from({ length: seeds }, (_, i) => i + 1));
      }
    }
  });

  test("what is measured together has the same programmed matrices; small studies go seed by seed", () => {
    const [rules, rest] = cellsOf(extent);
    for (const cells of [rules, rest])
      for (const group of groupsOf(cells, extent.seeds)) {
        const [[first, firstSeed]] = group as [(typeof group)[0]];
        for (const [{ tile, age_s, effects, measure }, seed] of group)
          expect([tile, age_s, effects, measure, seed]).toEqual([
            ...[first.tile, first.age_s, first.effects, first.measure, firstSeed],
          ]);
      }
    const seeds = groupsOf(rest, extent.seeds).map((group) => group[0]![1]);
    expect(seeds).toEqual([...seeds].sort((a, b) => a - b));
  });

  test("placements that agree on more of the first matrices are nearer", () => {
    const items = [
      [1, 0, 1],
      [-1, 0, 1],
      [1, 0, 0],
      [-1, 0, 1],
      [-1, 1, 0],
    ].map((kinds, id) => ({
      id,
      task: {
        ...{ seed: 1, measure: "nll", age_s: 0, without: [] },
        tileKinds: Int32Array.from(kinds),
      },
    })) as (Parameters<typeof inSharingOrder>[0][number] & { id: number })[];
    expect(inSharingOrder(items).map(({ id }) => id)).toEqual([1, 3, 4, 2, 0]);
  });
});

describe("what is computed from the cells", () => {
  const values = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), {
    minLength: 5,
    maxLength: 5,
  });

  test("the same placement removes nothing, half the rise is half, with no error", () => {
    fc.assert(
      fc.property(values, (a) => {
        expect(removedShare(a, a).share).toBeCloseTo(0, 9);
        const half = removedShare(
          a,
          a.map((x) => x / 2),
        );
        expect(half.share).toBeCloseTo(50, 9);
        expect(half.sem).toBeCloseTo(0, 9);
      }),
    );
  });

  test("multiples of what a placement removes, and ratios with the error of the delta method", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (a, left) => {
        const half = a.map((x) => x / 2);
        const rest = a.map((x) => x * left);
        expect(removedMultiple(a, half, rest).value).toBeCloseTo(2 * (1 - left), 9);
        expect(removedMultiple(a, half, rest).sem).toBeCloseTo(0, 9);
      }),
    );
    // by hand: ratio 6 / 4, residuals 1 and -1, whose error of the mean is 1, over a mean of 2
    expect(pairedRatio([2, 2], [4, 2])).toEqual({ value: 1.5, sem: 0.5 });
  });

  test("tolerated noise: where the rise goes with the square of the noise, its root", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.0005, max: 0.5, noNaN: true }), (perSquare) => {
        const sweep = { label: "", sizes: [1, 2, 4], tileOf: String };
        const tolerated = toleratedOf(sweep, (tile) => [perSquare * Number(tile) ** 2]);
        const expected = Math.sqrt(0.02 / perSquare);
        if (expected > 4) expect(tolerated).toBe("more");
        else expect(tolerated).toBeCloseTo(expected, 9);
      }),
    );
  });

  test("an axis shows every value, and its ticks lie on it", () => {
    const numbers = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.boolean(), (all, isLog) => {
        const { at, ticks, range } = axisOf(all, isLog, 100, 20);
        for (const value of [...all, ...ticks, ...range]) {
          expect(at(value)).toBeGreaterThanOrEqual(20 - 1e-6);
          expect(at(value)).toBeLessThanOrEqual(100 + 1e-6);
        }
        expect(ticks.length).toBeGreaterThan(1);
      }),
    );
  });

  test("Spearman's correlation: any monotone map is 1, its mirror -1; ties share ranks", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 3 }), (a) => {
        expect(
          rankCorrelation(
            a,
            a.map((x) => x * 2 + 1),
          ),
        ).toBeCloseTo(1, 12);
        expect(
          rankCorrelation(
            a,
            a.map((x) => -x),
          ),
        ).toBeCloseTo(-1, 12);
      }),
    );
    // by hand: ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 x 5)
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
    expect(rankCorrelation([1, 1], [1, 2])).toBeNull();
  });

  test("a chart has a line for every curve and says what it shows", () => {
    const points = [0, 1, 2].map((x) => ({ x, y: x * x, error: 0.1 }));
    const curves = [
      { label: "a & b", points },
      { label: "c", points },
    ];
    const svg = lineChart({ title: "t < u", x: "x", y: "y", curves });
    expect(svg.match(/stroke-width="2"/g)?.length).toBe(4);
    expect(svg).toContain("a &amp; b");
    expect(svg).toContain("<title>t &lt; u</title>");
    expect(svg).not.toContain("NaN");
  });
});
