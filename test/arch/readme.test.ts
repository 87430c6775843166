import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chipArea_mm2, chipStatic_mW } from "../../src/cost/area.ts";
import { scalingClasses } from "../../src/cost/scaling.ts";
import { archNames, loadArch } from "../cost/load-arch.ts";

const page = readFileSync(new URL("../../arch/README.md", import.meta.url), "utf8");
const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());
const numbers = (text: string): number[] =>
  (text.match(/\d[\d.]*/g) ?? []).map((digits) => Number(digits));

test.each(archNames)("the list of chips has %s with its area and static power", (name) => {
  const line = page
    .split("\n")
    .find((each) => each.startsWith("|") && each.includes(`\`${name}\``));
  const [, , , area = "", power = ""] = cells(line ?? "");
  const arch = loadArch(name);
  const isNear = (value: number) => (printed: number) => Math.abs(printed / value - 1) < 0.015;
  expect(numbers(area).some(isNear(chipArea_mm2(arch)))).toBe(true);
  expect(numbers(power).some(isNear(chipStatic_mW(arch) / 1000))).toBe(true);
});

type Nodes = readonly [from: 45 | 32, to: 14 | 7];
const NODES: readonly Nodes[] = [
  [45, 14],
  [45, 7],
  [32, 14],
];

const LAWS = Object.entries(scalingClasses).filter(([name]) => name !== "DRAM, PCM cells");

test.each(LAWS)("the table of scaling laws: %s", (name, { energyFactor }) => {
  const section = page.slice(page.indexOf("### Scaling"));
  const line = section.split("\n").find((each) => each.startsWith(`| ${name}`));
  const printed = cells(line ?? "").slice(3, 6);
  expect(printed).toEqual(NODES.map(([from, to]) => energyFactor(from, to).toFixed(3)));
});
