import { expect, test } from "vitest";
import { pcmStatistics } from "../../../src/numerics/devices/pcm.ts";
import { driftExponent, phaseChangeDevice } from "../../../src/numerics/devices/phase-change.ts";
import { named, readCases } from "./golden.ts";
import { draw, expectSameDistribution } from "./statistics.ts";

const cases = readCases("17-programming-noise-stats.json");
const pcm = phaseChangeDevice(pcmStatistics(), { programming: 1, drift: 1, read: 1 });
const N = 200_000;

test.each(named(cases.filter((c) => c.g_prog)))("%s", (_name, c) => {
  expect(pcm.programmingSigma_uS(c.g_target)).toBeCloseTo(c.sigma_formula, 9);
  const programmed = draw(N, "programming-plus", 1).map((z) => pcm.program(c.g_target, z));
  expectSameDistribution(programmed, c.g_prog);
  const zeros = programmed.filter((g) => g === 0).length / N;
  expect(Math.abs(zeros - c.g_prog.fraction_zero)).toBeLessThan(0.006);
});

test.each(named(cases.filter((c) => c.nu)))("%s", (_name, c) => {
  const z = draw(N, "drift-exponent-plus", 2);
  const exponents = z.map((value) => driftExponent(pcmStatistics(), c.g_target, value, 1));
  expectSameDistribution(exponents, c.nu);
});
