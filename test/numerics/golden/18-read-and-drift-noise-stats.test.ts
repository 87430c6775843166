import { test } from "vitest";
import { pcmStatistics } from "../../../src/numerics/devices/pcm.ts";
import { phaseChangeDevice } from "../../../src/numerics/devices/phase-change.ts";
import { named, readCases } from "./golden.ts";
import { draw, expectSameDistribution } from "./statistics.ts";

const cases = readCases("18-read-and-drift-noise-stats.json");
const N = 200_000;
const program = draw(N, "programming-plus", 1);
const drift = draw(N, "drift-exponent-plus", 2);
const read = draw(N, "read-plus", 3);

test.each(named(cases.filter((c) => c.g_prog !== undefined)))("%s", (_name, c) => {
  const pcm = phaseChangeDevice(pcmStatistics(), { programming: 0, drift: 0, read: 1 });
  const ageing = pcm.ageing!(c.t_inference);
  const g = read.map((z) => ageing(c.g_prog, c.g_prog, 0, z));
  expectSameDistribution(g, c.g);
});

test.each(named(cases.filter((c) => c.g_target !== undefined)))("%s", (_name, c) => {
  const pcm = phaseChangeDevice(pcmStatistics(), { programming: 1, drift: 1, read: 1 });
  const ageing = pcm.ageing!(c.t_inference);
  const g = read.map((z, i) => {
    const written = pcm.program(c.g_target, program[i]!);
    return ageing(c.g_target, written, drift[i]!, z);
  });
  expectSameDistribution(g, c.g);
});
