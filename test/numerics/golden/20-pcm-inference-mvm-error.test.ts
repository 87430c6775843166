import { describe, expect, test } from "vitest";
import { driftFactors } from "../../../src/numerics/compensation.ts";
import { pcmStatistics } from "../../../src/numerics/devices/pcm.ts";
import { phaseChangeDevice } from "../../../src/numerics/devices/phase-change.ts";
import { product } from "../../../src/numerics/periphery/analog-pass.ts";
import { createLayer } from "../../../src/numerics/periphery/layer.ts";
import type { HeldBlock } from "../../../src/numerics/write-blocks.ts";
import { ioOf } from "./forward.ts";
import { type Case, matrixOf, named, readCases } from "./golden.ts";
import { readAll, tilesOf } from "./layer.ts";
import { ageOf, heldAt } from "./pipeline.ts";

const cases = readCases("20-pcm-inference-mvm-error.json");
// All five cases have the same matrix, inputs and devices.
const w = matrixOf(cases[0].weights);
const x = matrixOf(cases[0].inputs);
const MAPPING = cases[0].mapping;
const pcm = phaseChangeDevice(pcmStatistics(), { programming: 1, drift: 1, read: 1 });
const exact = new Float32Array(x.rows * w.rows);
for (let row = 0; row < x.rows; row++)
  exact.set(product(w.values, x.values.subarray(row * w.cols, (row + 1) * w.cols)), row * w.rows);

const held = new Map<number, HeldBlock>();
for (const age_s of [0, ...Object.keys(cases[0].rel_l2_error).map(ageOf)])
  held.set(age_s, heldAt(w, MAPPING, pcm, age_s));

/** |y - W x|_F / |W x|_F over the batch. */
function error(c: Case, tile: HeldBlock, factors?: Float64Array): number {
  const layer = createLayer([tile], w.rows, {
    io: ioOf(c),
    address: { seed: 1, matrix: 0 },
    ...(c.input_range && { inputRange: c.input_range.init_value }),
    ...(factors && { outScales: factors }),
  });
  const y = readAll(layer, x);
  let off = 0;
  let all = 0;
  for (let i = 0; i < y.length; i++) {
    off += (y[i]! - exact[i]!) ** 2;
    all += exact[i]! ** 2;
  }
  return Math.sqrt(off / all);
}

// One programming of 262,144 weights: the spread between programmings is below 1.5 % everywhere.
describe.each(named(cases))("%s", (_name, c) => {
  test("unprogrammed", () => {
    const wanted = c.rel_l2_error_unprogrammed.mean;
    const got = error(c, tilesOf(w, MAPPING)[0]!);
    if (c.forward.is_perfect) expect(got).toBeLessThan(1e-6);
    else expect(Math.abs(got / wanted - 1)).toBeLessThan(0.05);
  });

  test("programmed", () => {
    const wanted = c.rel_l2_error_programmed_before_drift_call.mean;
    expect(Math.abs(error(c, held.get(0)!) / wanted - 1)).toBeLessThan(0.05);
  });

  test.each(Object.keys(c.rel_l2_error))("at %s s", (age) => {
    const now = held.get(ageOf(age))!;
    const factors =
      c.drift_compensation === null
        ? undefined
        : driftFactors(held.get(0)!.weights, now.weights, w.rows, "global");
    const tolerance = Number(age) > 1e7 ? 0.1 : 0.05;
    const wanted = c.rel_l2_error[age].mean;
    expect(Math.abs(error(c, now, factors) / wanted - 1)).toBeLessThan(tolerance);
    // Where the reference reads through noisy converters its factor is up to 5 % lower.
    if (factors) expect(Math.abs(factors[0]! / c.alpha[age].mean - 1)).toBeLessThan(0.055);
    if (c.forward.is_perfect && factors)
      expect(Math.abs(factors[0]! / c.alpha[age].mean - 1)).toBeLessThan(0.01);
  });
});
