import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deviceModel } from "../../src/numerics/devices/index.ts";
import { pairDevice } from "../../src/numerics/devices/pair-statistics.ts";
import { pcmPairs, pcmStatistics } from "../../src/numerics/devices/pcm.ts";
import { phaseChangeDevice } from "../../src/numerics/devices/phase-change.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { device, normals, numericsWith, program, tiling } from "./support.ts";

const scales = fc.record({
  programming: fc.double({ min: 0, max: 3, noNaN: true }),
  drift: fc.double({ min: 0, max: 3, noNaN: true }),
  read: fc.double({ min: 0, max: 3, noNaN: true }),
});
const normal = fc.double({ min: -6.6, max: 6.6, noNaN: true });

describe("pairs in float32", () => {
  test("are the phase-change model in float64, but for rounding", () => {
    const range = { min: 0, max: 25, noNaN: true };
    fc.assert(
      fc.property(
        scales,
        fc.double(range),
        fc.double(range),
        fc.tuple(normal, normal, normal),
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        (s, target, written, [z0, z1, z2], age_s) => {
          const exact = phaseChangeDevice(pcmStatistics(), s);
          const fast = pairDevice(pcmPairs(), s);
          expect(Math.abs(fast.program(target, z0) - exact.program(target, z0))).toBeLessThan(1e-4);
          const now = exact.ageing!(age_s)(target, written, z1, z2);
          const got = fast.ageing!(age_s)(target, written, z1, z2);
          expect(Math.abs(got - now)).toBeLessThan(1e-4 + 1e-4 * now);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a pair without faults or levels is written as any pair device is", () => {
    const w = normals(40 * 30, 3, 0.2);
    const numerics = numericsWith({ devices: device({ kind: "pcm" }), drift_compensation: "none" });
    const faults = { stuck_frac: 0, stuck_at_max_frac: 0, cluster_cells: 1 };
    for (const age_s of [0, 86400]) {
      const one = program(w, 30, 40, { numerics, age_s }).blocks[0]!;
      const other = program(w, 30, 40, { numerics, age_s, faults }).blocks[0]!;
      expect(other.weights).toEqual(one.weights);
    }
  });
});

describe("pairs on the wasm engine", () => {
  const engine = createWasmEngine();
  const w = normals(37 * 53, 4, 0.2);

  test.each([
    { age_s: 0, compensation: "none", omega: 1, c: 1 },
    { age_s: 3600, compensation: "none", omega: 0.6, c: 2.5 },
    { age_s: 86400 * 365, compensation: "global", omega: 1, c: 0 },
    { age_s: 1e-3, compensation: "column", omega: 1, c: 1 },
  ] as const)("are equal bit for bit to those in TypeScript: %o", (k) => {
    const numerics = numericsWith({
      devices: device({ kind: "pcm", read_scale: 1.5 }),
      drift_compensation: k.compensation,
      weight_omega: k.omega,
    });
    const change = {
      numerics,
      age_s: k.age_s,
      noise_scale: k.c,
      blocks: tiling(37, 53, 20, 16),
    };
    const { writePairs, fillNormals } = engine;
    const plain = program(w, 37, 53, change);
    const fast = program(w, 37, 53, { ...change, fillNormals, writePairs: writePairs! });
    expect(engine.name).toBe("wasm");
    expect(fast.blocks).toEqual(plain.blocks);
  });
});

test("the noise scale of zero leaves the weights as they are", () => {
  const { sigma } = { sigma: deviceModel(device({ kind: "pcm" }), 0).programmingSigma_uS(12) };
  expect(sigma).toBe(0);
});
