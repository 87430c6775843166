import { describe, expect, test } from "vitest";
import {
  adcConversion_pJ,
  adcsPerTile,
  conversionPhase_ns,
} from "../../src/cost/components/adc.ts";
import { surveyArea_um2, surveyConversion_pJ } from "../../src/cost/components/adc-survey.ts";
import { components, published } from "./components-json.ts";

interface SurveyPoint {
  readonly node_nm: number;
  readonly bits: number;
  readonly rate_Hz: number;
  readonly energy_pJ: number;
  readonly area_um2: number;
}

const { table } = components<{ table: SurveyPoint[] }>("adc_model");
const point = (row: SurveyPoint) => ({
  effective_bits: row.bits,
  technology_nm: row.node_nm,
  samples_per_s: row.rate_Hz,
});

describe("survey regression", () => {
  test("gives all 105 tabulated energies and areas, to their four digits", () => {
    expect(table).toHaveLength(105);
    for (const row of table) {
      expect(Math.abs(surveyConversion_pJ(point(row)) / row.energy_pJ - 1)).toBeLessThan(5.1e-4);
      expect(Math.abs(surveyArea_um2(point(row)) / row.area_um2 - 1)).toBeLessThan(5.1e-4);
    }
  });

  test("is within 20 % of ISAAC's energy and five times its area (8 bits, 1.2 GSps, 32 nm)", () => {
    const isaac = { effective_bits: 8, technology_nm: 32, samples_per_s: 1.2e9 };
    const printed_pJ = published("isaac", "adc", "energy_pJ_per_convert_derived");
    const printed_um2 = (published("isaac", "adc", "area_mm2") / 8) * 1e6;
    expect(surveyConversion_pJ(isaac) / printed_pJ).toBeCloseTo(1.184, 2);
    expect(surveyArea_um2(isaac) / printed_um2).toBeCloseTo(5.26, 1);
  });
});

describe("price of a conversion", () => {
  const adc = { bits: 8, conversion_ns: 2, technology_nm: 32 };

  test("Walden: figure of merit times 2^bits", () => {
    expect(adcConversion_pJ({ ...adc, energy: { kind: "walden", walden_fJ: 10 } })).toBe(2.56);
  });

  test("constant: as given, whatever the resolution", () => {
    const energy = { kind: "constant", conversion_pJ: 1.5 } as const;
    expect(adcConversion_pJ({ ...adc, bits: 12, energy })).toBe(1.5);
  });

  test("survey: at the rate that the conversion time says, times the factor", () => {
    const energy = { kind: "survey", effective_bits: 7, energy_factor: 2 } as const;
    const at = { effective_bits: 7, technology_nm: 32, samples_per_s: 0.5e9 };
    expect(adcConversion_pJ({ ...adc, energy })).toBeCloseTo(2 * surveyConversion_pJ(at), 12);
  });
});

test("columns share converters: the last group may be smaller, and a narrow block waits less", () => {
  expect(adcsPerTile(512, 8)).toBe(64);
  expect(adcsPerTile(130, 128)).toBe(2);
  expect(conversionPhase_ns(512, 8, 16)).toBe(128);
  expect(conversionPhase_ns(3, 8, 16)).toBe(48);
});
