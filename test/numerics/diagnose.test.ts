import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/numerics/diagnose.ts";
import { EFFECT_NAMES, only, without } from "../../src/numerics/effects.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import type { ProgramRequest } from "../../src/numerics/program.ts";
import { device, matrixOf, normals, numericsWith, tiling } from "./support.ts";

const OUTPUTS = 48;
const INPUTS = 64;
const origin = { source: "test", evidence: "assumed" } as const;
const engine = createEngine("reference");
const request: ProgramRequest = {
  weights: normals(OUTPUTS * INPUTS, 31, 0.02),
  matrix: matrixOf(OUTPUTS, INPUTS),
  blocks: tiling(OUTPUTS, INPUTS, 40, 30),
  numerics: numericsWith({
    devices: device({ kind: "pcm" }),
    output_bound: 10,
    output_noise: { std: 0.04, ...origin },
    read_noise: { std: 0.0175, ...origin },
    ir_drop: { scale: 1, conductance_ratio: 571428, ...origin },
    drift_compensation: "global",
  }),
  inputBits: 8,
  outputBits: 8,
  inputRanges: [3, 3],
  seed: 5,
  noise_scale: 1,
  age_s: 3600,
};
const rows = 64;
const sample = {
  x: normals(rows * INPUTS, 32),
  rows,
  rowIds: Uint32Array.from({ length: rows }, (_, i) => i),
};
const all = diagnose(request, engine, sample);

describe("diagnosis", () => {
  // At a second compensation is 1.002 yet; later it makes noise and ADC steps larger.
  const young = diagnose({ ...request, age_s: 1 }, engine, sample);

  test("effects that are independent add up in squares", () => {
    const sum = Math.sqrt(EFFECT_NAMES.reduce((s, name) => s + young.alone[name] ** 2, 0));
    expect(young.error_rms / sum).toBeGreaterThan(0.93);
    expect(young.error_rms / sum).toBeLessThan(1.07);
    const absent = ["levels", "faults", "circuit"];
    for (const name of EFFECT_NAMES)
      if (absent.includes(name)) expect(young.alone[name]).toBe(0);
      else expect(young.alone[name]).toBeGreaterThan(0);
  });

  test("with every effect off nothing is left", () => {
    const ideal = diagnose(without(request, EFFECT_NAMES), engine, sample);
    expect(ideal.error_rms).toBeLessThan(1e-6);
    expect(ideal.snr_dB).toBeGreaterThan(120);
    expect(ideal.clipped_inputs_frac).toBe(0);
    expect(ideal.clipped_outputs_frac).toBe(0);
    expect(ideal.adc_step_frac).toBe(0);
    expect(ideal.drift_factor).toBe(1);
  });

  test("clipped inputs are those beyond the range: 0.27 % of normals beyond 3 sigma", () => {
    expect(all.clipped_inputs_frac).toBeGreaterThan(0.0015);
    expect(all.clipped_inputs_frac).toBeLessThan(0.0045);
    const narrow = diagnose({ ...request, inputRanges: [1, 1] }, engine, sample);
    expect(narrow.clipped_inputs_frac).toBeCloseTo(0.3173, 1);
  });

  test("a lower bound clips outputs and makes the ADC's steps finer", () => {
    const low = { ...request, numerics: { ...request.numerics, output_bound: 1 } };
    const tight = diagnose(low, engine, sample);
    expect(tight.clipped_outputs_frac).toBeGreaterThan(all.clipped_outputs_frac!);
    expect(tight.adc_step_frac! / all.adc_step_frac!).toBeCloseTo(0.1, 6);
  });

  test("the ADC alone rounds with 1/sqrt(12) of its step", () => {
    // Two row blocks are added, each with its own rounding.
    const expected = young.adc_step_frac! * Math.sqrt(2 / 12);
    expect(young.alone.adc / expected).toBeGreaterThan(0.9);
    expect(young.alone.adc / expected).toBeLessThan(1.1);
  });

  test("drift lowers the mean, and is 1 at age 0", () => {
    expect(all.drift_factor).toBeLessThan(0.9);
    expect(diagnose({ ...request, age_s: 0 }, engine, sample).drift_factor).toBe(1);
  });

  test("only() keeps one effect", () => {
    const dac = only(request, "dac");
    expect(dac.inputBits).toBe(8);
    expect(dac.outputBits).toBe(0);
    expect(dac.noise_scale).toBe(0);
    expect(dac.numerics.ir_drop).toBeUndefined();
  });
});
