/** The shipped journal, the tables that are made of it, and the page that quotes them. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyFolder, ROOT } from "../cli/ohmoe.ts";

const SHIPPED = join(ROOT, "reports/examples/placement-study");
const textOf = (file: string): string => readFileSync(file, "utf8");
const shippedTables = ["tables.md", "costs.md", "run-time.md"].map((file) =>
  textOf(join(SHIPPED, file)),
);

test("the shipped tables and figures are those of the shipped journal", () => {
  const out = emptyFolder();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(ROOT, "node_modules/tsx/dist/cli.mjs"), "scripts/study-placement.ts", "--tables"],
      ...["--journal", join(SHIPPED, "cells-1024.jsonl"), "--out", out],
    ],
    { cwd: ROOT, encoding: "utf8" },
  );
  expect(status, stderr).toBe(0);
  for (const file of readdirSync(out))
    expect(textOf(join(out, file)), file).toBe(textOf(join(SHIPPED, file)));
  expect(readdirSync(out).length).toBe(readdirSync(SHIPPED).length - 1);
}, 120_000);

const PAGES = [
  { page: "docs/placement-study.md", sources: shippedTables, figures: 4 },
  {
    page: "docs/hwa-study.md",
    sources: [textOf(join(ROOT, "reports/examples/hwa-study/tables.md"))],
    figures: 2,
  },
];

describe.each(PAGES)("$page", ({ page: file, sources: files, figures: least }) => {
  const page = textOf(join(ROOT, file));
  const lines = page.split("\n");
  const sources = files.join("\n");
  const partOf = (title: string): readonly string[] => {
    const begin = lines.indexOf(title);
    const end = lines.findIndex((line, i) => i > begin && line.startsWith("## "));
    return begin < 0 ? [] : lines.slice(begin, end);
  };

  test("has no row of a table that the study did not write", () => {
    const against = new Set(partOf("## Against the paper"));
    const rows = lines.filter((line) => line.startsWith("|") && !against.has(line));
    const known = new Set(sources.split("\n"));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => !known.has(row))).toEqual([]);
  });

  test("quotes no number that is not in the tables", () => {
    const prose = partOf("## What it shows").filter((line) => !line.startsWith("|"));
    const numbers = prose.join("\n").match(/\d+\.\d+/g) ?? [];
    const known = new Set(sources.match(/\d+\.\d+/g));
    expect(prose.length).toBeGreaterThan(0);
    expect(numbers.filter((number) => !known.has(number))).toEqual([]);
  });

  test("shows figures that are there", () => {
    const figures = [...page.matchAll(/\]\((\.\.\/reports\/[^)]+\.svg)\)/g)].map(
      ([, path]) => path!,
    );
    expect(figures.length).toBeGreaterThanOrEqual(least);
    for (const path of figures) expect(existsSync(join(ROOT, "docs", path)), path).toBe(true);
  });
});
