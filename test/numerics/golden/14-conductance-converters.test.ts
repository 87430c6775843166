import { describe, expect, test } from "vitest";
import type { Converter } from "../../../src/numerics/converters/converter.ts";
import { customPairConverter } from "../../../src/numerics/converters/custom-pair.ts";
import { fusionConverter } from "../../../src/numerics/converters/fusion.ts";
import { pairConverter } from "../../../src/numerics/converters/pairs.ts";
import { singleDeviceConverter } from "../../../src/numerics/converters/single-device.ts";
import { normals } from "../support.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";

const CONVERTERS: Record<string, (p: Case) => Converter> = {
  SinglePairConductanceConverter: (p) => pairConverter([1], p.g_max ?? 25, p.g_min ?? 0),
  DualPairConductanceConverter: (p) => pairConverter(p.f_lst, p.g_max, p.g_min),
  NPairConductanceConverter: (p) => pairConverter(p.f_lst, p.g_max, p.g_min),
  CustomPairConductanceConverter: (p) => customPairConverter(p.f_lst, p.g_lst),
  SingleDeviceConductanceConverter: () => singleDeviceConverter(),
};

describe.each(named(readCases("14-conductance-converters.json")))("%s", (_name, c) => {
  const converter = CONVERTERS[c.converter]!(c.params);
  const weights = matrixOf(c.weights);
  const held = converter.toConductances(weights.values, weights.rows);

  test("conductances", () => {
    expect(held.slices).toHaveLength(c.conductances_uS.length);
    held.slices.forEach((slice, i) => {
      expectClose(slice, c.conductances_uS[i]);
    });
  });
  test("scale", () => expectClose(held.scale, c.scale_ratio));
  test("weights back", () => expectClose(converter.toWeights(held), c.weights_back));
});

describe("fusion (no golden case: a law)", () => {
  const weights = normals(6 * 40, 3, 0.1);
  const converter = fusionConverter();
  const held = converter.toConductances(weights, 6);

  test("weights come back, also when all devices of a row drift and shift alike", () => {
    expectClose(converter.toWeights(held), [...weights]);
    const slices = held.slices.map((s) => s.map((g) => 0.7 * g + 0.3));
    expectClose(converter.toWeights({ ...held, slices }), [...weights], { relative: 1e-5 });
  });
});

test("tables that are no straight line are refused", () => {
  expect(() =>
    customPairConverter(
      [1],
      [
        [2, 2, 2, 20, 25],
        [25, 13.5, 2, 2, 2],
      ],
    ),
  ).toThrow("g_lst");
});
