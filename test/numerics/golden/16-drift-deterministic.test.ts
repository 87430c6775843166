import { describe, expect, test } from "vitest";
import { readouts } from "../../../src/numerics/compensation.ts";
import { pcmStatistics } from "../../../src/numerics/devices/pcm.ts";
import {
  interpolatedExponents,
  phaseChangeDevice,
} from "../../../src/numerics/devices/phase-change.ts";
import { polynomialStatistics } from "../../../src/numerics/devices/polynomial.ts";
import { createLayer } from "../../../src/numerics/periphery/layer.ts";
import { ioOf } from "./forward.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";
import { readAll } from "./layer.ts";
import { ageOf, factorsThrough, heldAt } from "./pipeline.ts";

const cases = readCases("16-drift-deterministic.json");
const NO_NOISE = { programming: 0, drift: 1, read: 0 };

describe.each(named(cases.filter((c) => c.g_prog)))("%s", (_name, c) => {
  const statistics = polynomialStatistics({
    g_max_uS: 25,
    sigma_coefficients_uS: [0],
    drift_exponent_mean: c.nu,
    t0_s: c.t_0,
  });
  test.each(Object.keys(c.g))("%s s", (age) => {
    const ageing = phaseChangeDevice(statistics, NO_NOISE).ageing!(Number(age));
    expectClose(
      c.g_prog.map((g: number) => ageing(g, g, 0, 0)),
      c.g[age],
    );
  });
});

/** The case's kind of compensation, by its name. */
function compensationOf(name: string): "global" | "column" | null {
  if (name.includes("no_compensation")) return null;
  return name.includes("per_column") ? "column" : "global";
}

describe.each(named(cases.filter((c) => c.noise_model)))("%s", (name, c: Case) => {
  const m = c.noise_model;
  const statistics = interpolatedExponents(
    pcmStatistics(m.g_max),
    m.g_lst,
    m.nu_mean_lst,
    m.nu_std_lst,
  );
  const device = phaseChangeDevice(statistics, NO_NOISE);
  const w = matrixOf(c.weights);
  const kind = compensationOf(name);
  const fresh = heldAt(w, c.mapping, device, 0);

  test("baseline is the mean of |weights|, where converters are ideal", () => {
    if (kind === null || !c.forward.is_perfect) return;
    const baseline = readouts(fresh.weights, w.rows, kind);
    expectClose(kind === "global" ? [baseline[0]!] : baseline, c.drift_baseline);
  });

  test.each(Object.keys(c.at))("%s s", (age) => {
    const wanted = c.at[age];
    const now = heldAt(w, c.mapping, device, ageOf(age));
    expectClose(now.weights.subarray(0, w.cols), wanted.tile_weights_row0);
    const io = ioOf(c);
    const outScales = kind === null ? undefined : factorsThrough(io, fresh, now, kind);
    if (kind !== null) expectClose(kind === "global" ? [outScales![0]!] : outScales!, wanted.alpha);
    const layer = createLayer([now], w.rows, {
      io,
      address: { seed: 1, matrix: 0 },
      ...(outScales && { outScales }),
    });
    expectClose(readAll(layer, matrixOf(c.inputs)), wanted.outputs);
    expect(now.weights).toHaveLength(w.values.length);
  });
});
