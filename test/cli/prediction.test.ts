import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MatrixSensitivity } from "../../src/accuracy/predict-sensitivity.ts";
import { sensitivityOf } from "../../src/accuracy/predict-sensitivity.ts";
import {
  type AccuracySensitivities,
  createAccuracySurrogate,
  tilingKey,
} from "../../src/accuracy/surrogate.ts";
import { cached } from "../../src/cli/cache.ts";
import { predictedRises } from "../../src/cli/predicted-rises.ts";
import { createPrediction, predictionNotes } from "../../src/cli/prediction.ts";
import type { Comparison } from "../../src/cli/prepare.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../../src/model/matrix.ts";
import type { Placement } from "../../src/model/placement.ts";
import type { EvaluatedPlacement } from "../../src/report/build.ts";
import { SIZE_BINS } from "../../src/transformer/curvature.ts";
import { madeUpColumns } from "../accuracy/made-up-columns.ts";
import { allAnalog, allDigital, loadArch, OPTIONS } from "../evaluate/load.ts";
import { SMALL, uniforms } from "../transformer/random-model.ts";

const arch = loadArch("hetero-pcm");
const [tile] = arch.tiles;
const workload = { ...SMALL, layers: 2 };
const matrices = weightMatrices(workload);

/** Made-up curvature of every matrix that may be analog. */
function madeUp(): AccuracySensitivities {
  const next = uniforms(3);
  const squares = (n: number) => Float64Array.from({ length: n }, () => next() ** 2);
  const bySize = () => ({ squares: squares(SIZE_BINS), slopes: new Float64Array(SIZE_BINS) });
  const own = matrices.map((matrix): MatrixSensitivity | null => {
    const { inputs, outputs, module } = matrix;
    if (ALWAYS_DIGITAL.includes(module)) return null;
    return sensitivityOf({
      weights: Float32Array.from({ length: inputs * outputs }, next),
      matrix,
      curvature: {
        weights: Float32Array.from(squares(inputs * outputs)),
        reads: Float32Array.from(squares(inputs * outputs)),
        inputs: squares(inputs),
        slope: new Float32Array(inputs * outputs),
        bySize: bySize(),
        bySizeOverRange: bySize(),
        along: Float64Array.from({ length: 3 }, next),
      },
      columns: madeUpColumns(next),
      blocks: [{ rowBegin: 0, rowEnd: inputs, colBegin: 0, colEnd: outputs }],
      scaling: "column",
      inputRanges: [1],
    });
  });
  return { tilings: { [tilingKey(tile!)]: own }, predictions: 10, calibration_nll_nats: 1 };
}

const sensitivities = madeUp();
const accuracy = { age_s: 0, noise_scale: 1 };
const comparisonOf = (more: object): Comparison =>
  ({
    ...{ sensitivities, arch, workload, source: "measured" },
    settings: { accuracy, cost: OPTIONS },
    ...more,
  }) as unknown as Comparison;

describe("predictions beside measurements", () => {
  test("are the surrogate's, of where the matrices are in the end", () => {
    const surrogate = createAccuracySurrogate(sensitivities);
    const predict = createPrediction(comparisonOf({}));
    const half: Placement = {
      name: "half",
      targets: allAnalog(workload).targets.map((target, id) => (id % 2 ? target : "digital")),
    };
    for (const placement of [allDigital(workload), half, allAnalog(workload)])
      expect(predict(placement)).toBe(surrogate(arch, placement.targets, 0, 1));
    expect(predict(allDigital(workload))).toBe(0);
    expect(predict(allAnalog(workload))).toBeGreaterThan(0);
  });

  test("count experts that found no crossbar as digital", () => {
    const crossbar = { ...tile!.crossbar, tiers: 24 };
    const crowded = { ...arch, tiles: [{ ...tile!, count: 1, crossbar }] };
    const cost = { ...OPTIONS, overflow: "digital" as const };
    const predict = createPrediction(comparisonOf({ arch: crowded, settings: { accuracy, cost } }));
    const all = createPrediction(comparisonOf({}))(allAnalog(workload))!;
    const fewer = predict(allAnalog(workload))!;
    expect(fewer).toBeLessThan(all);
  });

  test("are none without sensitivities", () => {
    const comparison = comparisonOf({ sensitivities: null });
    expect(createPrediction(comparison)(allAnalog(workload))).toBeNull();
    expect(predictionNotes(comparison, [])).toEqual([]);
  });

  test("say how far off they are, where the digital model was measured too", () => {
    const row = (name: string, digital: number, nll_nats: number, predicted: number) =>
      ({
        name,
        accuracy: { nll_nats },
        shares: { digital_parameters_frac: digital },
        predicted_nll_rise_nats: predicted,
      }) as unknown as EvaluatedPlacement;
    const rows = [row("d", 1, 4, 0), row("a", 0, 4.2, 0.25), row("b", 0.5, 4.1, 0.09)];
    expect(predictionNotes(comparisonOf({}), rows).at(-1)).toBe(
      "predicted and measured rise differ by 0.030 nats on average, 0.050 at most (a)",
    );
    const instead = predictionNotes(comparisonOf({ source: "predicted" }), []);
    expect(instead[0]).toContain("predicted, not measured");
    expect(predictionNotes(comparisonOf({}), rows.slice(1)).join()).not.toContain("differ");
  });

  test("for a choice are those without the slope of the weights, 0 where always digital", () => {
    const rises = predictedRises(sensitivities, arch, accuracy);
    expect(rises).toHaveLength(matrices.length);
    for (const { id, module } of matrices)
      if (ALWAYS_DIGITAL.includes(module)) expect(rises[id]).toBe(0);
      else expect(rises[id]).toBeGreaterThan(0);
    expect(() => predictedRises(sensitivities, { ...arch, tiles: [] }, accuracy)).toThrow(
      "no analog tiles",
    );
  });
});

describe("the cache", () => {
  const before = process.env["OHMOE_CACHE"];
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ohmoe-test-"));
    process.env["OHMOE_CACHE"] = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env["OHMOE_CACHE"];
    else process.env["OHMOE_CACHE"] = before;
  });
  const value = { list: Float64Array.of(0.1, Number.MIN_VALUE, -0), text: "x" };
  const counted = () => {
    let calls = 0;
    return {
      make: () => {
        calls++;
        return value;
      },
      calls: () => calls,
    };
  };

  test("makes a value once per key, and keeps its bits", async () => {
    const { make, calls } = counted();
    for (let i = 0; i < 3; i++) expect(await cached("t", { a: 1 }, make)).toEqual(value);
    expect(calls()).toBe(1);
    await cached("t", { a: 2 }, make);
    await cached("u", { a: 1 }, make);
    expect(calls()).toBe(3);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test("makes a damaged value anew, and nothing is kept when it is off", async () => {
    const { make, calls } = counted();
    await cached("t", 1, make);
    writeFileSync(join(folder, readdirSync(folder)[0]!), "damaged");
    expect(await cached("t", 1, make)).toEqual(value);
    expect(calls()).toBe(2);
    process.env["OHMOE_CACHE"] = "";
    await cached("t", 1, make);
    expect(calls()).toBe(3);
  });
});
