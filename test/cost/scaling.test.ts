import { describe, expect, test } from "vitest";
import {
  betweenNodes,
  type LogicNode,
  logicAreaFactor,
  logicEnergyFactor,
} from "../../src/cost/scaling.ts";
import { components } from "./components-json.ts";

interface Scaling {
  readonly "energy_rel_45nm_0.9V_same_voltage": Record<string, number>;
  readonly "energy_rel_45nm_0.9V_typical_voltage": Record<string, { V: number; x: number }>;
  readonly area_rel_45nm: Record<string, number>;
}
const table = components<Scaling>("scaling");
const node = (text: string) => Number(text) as LogicNode;
const reference = { node_nm: 45, supply_V: 0.9 } as const;

describe("logic (Stillmaker & Baas)", () => {
  test.each(Object.entries(table["energy_rel_45nm_0.9V_same_voltage"]))(
    "energy at %s nm and 0.9 V, relative to 45 nm",
    (nm, expected) => {
      const ours = logicEnergyFactor(reference, { node_nm: node(nm), supply_V: 0.9 });
      expect(Math.abs(ours / expected - 1)).toBeLessThan(1e-3);
    },
  );

  test.each(Object.entries(table["energy_rel_45nm_0.9V_typical_voltage"]))(
    "energy at %s nm and its usual supply",
    (nm, { V, x }) => {
      const ours = logicEnergyFactor(reference, { node_nm: node(nm), supply_V: V });
      expect(Math.abs(ours / x - 1)).toBeLessThan(1e-3);
    },
  );

  test.each(Object.entries(table.area_rel_45nm))("area at %s nm", (nm, expected) => {
    expect(logicAreaFactor(45, node(nm))).toBe(expected);
  });
});

describe("between two measured nodes", () => {
  const older = { node_nm: 45, value: 10 };
  const newer = { node_nm: 7, value: 2 };

  test("passes through both", () => {
    expect(betweenNodes(older, newer, 45)).toBeCloseTo(10, 12);
    expect(betweenNodes(older, newer, 7)).toBeCloseTo(2, 12);
  });

  test("is a power law: the geometric mean of nodes gives that of values", () => {
    expect(betweenNodes(older, newer, Math.sqrt(45 * 7))).toBeCloseTo(Math.sqrt(20), 12);
  });
});
