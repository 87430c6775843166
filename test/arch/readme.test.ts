import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chipArea_mm2, chipStatic_mW } from "../../src/cost/area.ts";
import { surveyConversion_pJ } from "../../src/cost/components/adc-survey.ts";
import { betweenNodes, logicEnergyFactor } from "../../src/cost/scaling.ts";
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

/** Energy after scaling over energy before, by the law of a class. */
const LAWS = {
  drivers: ([from, to]) =>
    logicEnergyFactor(
      { node_nm: from, supply_V: 0.9 },
      { node_nm: to, supply_V: to === 7 ? 0.7 : 0.8 },
    ),
  arithmetic: (nodes) => powerLaw(nodes, 1.5, 0.5),
  "small SRAM": (nodes) => powerLaw(nodes, 10, 7.5),
  "large SRAM": (nodes) => powerLaw(nodes, 100, 14),
  ADC: ([from, to]) => survey(to) / survey(from),
} satisfies Record<string, (nodes: Nodes) => number>;

type Nodes = readonly [from: 45 | 32, to: 14 | 7];
const NODES: readonly Nodes[] = [
  [45, 14],
  [45, 7],
  [32, 14],
];

function powerLaw([from, to]: Nodes, at45: number, at7: number): number {
  const at = (nm: number): number =>
    betweenNodes({ node_nm: 45, value: at45 }, { node_nm: 7, value: at7 }, nm);
  return at(to) / at(from);
}

const survey = (technology_nm: number): number =>
  surveyConversion_pJ({ effective_bits: 8, technology_nm, samples_per_s: 1e8 });

test.each(Object.entries(LAWS))("the table of scaling laws: %s", (name, law) => {
  const section = page.slice(page.indexOf("### Scaling"));
  const line = section.split("\n").find((each) => each.startsWith(`| ${name}`));
  const printed = cells(line ?? "").slice(3, 6);
  expect(printed).toEqual(NODES.map((nodes) => law(nodes).toFixed(3)));
});
