import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heldWeights, INTERVALS } from "../../src/accuracy/predict-error.ts";
import { sensitivityOf } from "../../src/accuracy/predict-sensitivity.ts";
import {
  createAccuracySurrogate,
  createMatrixRises,
  tilingKey,
} from "../../src/accuracy/surrogate.ts";
import { readArch } from "../../src/cli/inputs.ts";
import type { DeviceNoise } from "../../src/model/device-noise.ts";
import { deviceModel } from "../../src/numerics/devices/index.ts";
import { programMatrix } from "../../src/numerics/program.ts";
import { SIZE_BINS } from "../../src/transformer/curvature.ts";
import { uniforms } from "../transformer/random-model.ts";
import { madeUpColumns } from "./made-up-columns.ts";

const source = { source: "test", evidence: "assumed" } as const;
const arch = readArch("hetero-pcm");
const tile = arch.tiles[0]!;

/** Two matrices of 5 outputs and 6 inputs with made-up curvature. */
function madeUp(seed: number) {
  const next = uniforms(seed);
  const squares = (n: number) => Float64Array.from({ length: n }, () => next() ** 2);
  const bySize = () => ({ squares: squares(SIZE_BINS), slopes: new Float64Array(SIZE_BINS) });
  const matrices = [0, 1].map((id) =>
    sensitivityOf({
      weights: Float32Array.from({ length: 30 }, next),
      matrix: { id, module: "expert", part: "up", layer: 0, expert: 0, inputs: 6, outputs: 5 },
      curvature: {
        weights: Float32Array.from(squares(30)),
        reads: Float32Array.from(squares(30)),
        inputs: squares(6),
        slope: new Float32Array(30),
        bySize: bySize(),
        bySizeOverRange: bySize(),
        along: Float64Array.from({ length: 3 }, next),
      },
      columns: madeUpColumns(next),
      blocks: [{ rowBegin: 0, rowEnd: 6, colBegin: 0, colEnd: 5 }],
      scaling: "column",
      inputRanges: [1],
    }),
  );
  const tilings = { [tilingKey(tile)]: matrices };
  return { tilings, predictions: 10, calibration_nll_nats: 1 };
}

describe("the surrogate", () => {
  test("adds up matrices where nothing is biased, and more noise costs more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (seed, c) => {
          const sensitivities = madeUp(seed);
          const surrogate = createAccuracySurrogate(sensitivities);
          const of = (targets: ("analog" | "digital")[], scale = c) =>
            surrogate(arch, targets, 0, scale);
          expect(of(["digital", "digital"])).toBe(0);
          const [a, b] = [of(["analog", "digital"]), of(["digital", "analog"])];
          // programming of pairs is biased by the clamp at zero conductance, but hardly
          expect(of(["analog", "analog"])).toBeCloseTo(a + b, 3);
          expect(surrogate(arch, Int32Array.of(0, -1), 0, c)).toBe(a);
          expect(of(["analog", "digital"], c * 1.5)).toBeGreaterThan(a);
        },
      ),
      { numRuns: 10 },
    );
  });

  test("a factor on two matrices counts once for both", () => {
    const sensitivities = madeUp(4);
    const plain = {
      ...arch,
      tiles: [{ ...tile, numerics: { ...tile.numerics, drift_compensation: "none" as const } }],
    };
    const surrogate = createAccuracySurrogate(sensitivities);
    const year = 3e7;
    const rises = createMatrixRises(sensitivities)(plain.tiles[0]!, year, 1);
    const [first, second] = sensitivities.tilings[tilingKey(tile)]!;
    const cross = first!.along.reduce((sum, value, w) => sum + value * second!.along[w]!, 0);
    const factors = rises.map((r) => r!.weightFactor + r!.sumFactor);
    const alone = rises.reduce((sum, r) => sum + r!.total_nats, 0);
    expect(surrogate(plain, ["analog", "analog"], year, 1)).toBeCloseTo(
      alone + (factors[0]! * factors[1]! * cross) / sensitivities.predictions,
      9,
    );
    expect(factors[0]).toBeLessThan(-0.2);
  });

  test("says which tiling it does not know", () => {
    const other = { ...tile, crossbar: { ...tile.crossbar, rows: 100 } };
    const surrogate = createAccuracySurrogate(madeUp(1));
    expect(() => surrogate({ tiles: [other] }, ["analog", "digital"], 0, 1)).toThrow("100x512");
  });
});

describe("held weights", () => {
  /** 20,000 draws: 3 % is four standard errors of a variance; means to four of theirs. */
  test.each([
    ["pcm, a day", { kind: "pcm", ...source }, 86400, {}],
    [
      "pcm, stuck devices",
      { kind: "pcm", ...source },
      0,
      { faults: { stuck_frac: 0.05, stuck_at_max_frac: 0.3, cluster_cells: 1 } },
    ],
    ["hermes-1-device, an hour", { kind: "hermes-1-device", ...source }, 3600, {}],
    ["reram-cmo, a day", { kind: "reram-cmo", ...source }, 86400, {}],
    ["four levels", { kind: "gaussian", sigma_frac: 0.02, ...source }, 0, { levels: 4 }],
  ] as const satisfies readonly (readonly [string, DeviceNoise, number, object])[])(
    "have the moments of drawn ones: %s",
    (_name, devices, age_s, more) => {
      const DRAWS = 20_000;
      const { mean, variance } = heldWeights({ device: deviceModel(devices), age_s, ...more });
      // With levels a knot stands for the weights around it.
      const spread = "levels" in more ? 1 / (2 * INTERVALS) : 1e-6;
      for (const knot of [0, 64, INTERVALS]) {
        const target = knot / INTERVALS;
        const weights = Float32Array.from({ length: DRAWS + 1 }, (_, i) =>
          i === DRAWS ? 1 : i % 2 ? -target : target,
        );
        const held = programMatrix({
          weights,
          matrix: {
            id: 0,
            module: "lm-head",
            part: "weight",
            layer: -1,
            expert: -1,
            inputs: DRAWS + 1,
            outputs: 1,
          },
          blocks: [{ rowBegin: 0, rowEnd: DRAWS + 1, colBegin: 0, colEnd: 1 }],
          numerics: { ...tile.numerics, devices, drift_compensation: "none" },
          inputBits: 0,
          outputBits: 0,
          inputRanges: null,
          seed: knot,
          noise_scale: 1,
          age_s,
          ...more,
        }).blocks[0]!.weights;
        let [first, second] = [0, 0];
        for (let i = 0; i < DRAWS; i++) {
          const error = held[i]! * (i % 2 ? -1 : 1) - target;
          first += error / DRAWS;
          second += error ** 2 / DRAWS;
        }
        const bias = mean[knot]! - target;
        const square = variance[knot]! + bias ** 2;
        expect(Math.abs(bias - first)).toBeLessThan(4.5 * Math.sqrt(second / DRAWS) + spread);
        expect(Math.abs(square - second)).toBeLessThanOrEqual(0.06 * second);
      }
    },
  );
});
