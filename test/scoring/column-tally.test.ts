/** Predicted errors of analog sums against sums that are converted one by one. */
import { describe, expect, test } from "vitest";
import { blocksOn } from "../../src/accuracy/evaluator.ts";
import { columnPlans, sensitivities } from "../../src/accuracy/predict-model.ts";
import { errorModel, predictRise } from "../../src/accuracy/predict-rise.ts";
import { readArch } from "../../src/cli/inputs.ts";
import type { AnalogNumerics } from "../../src/model/analog-numerics.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import { programMatrix } from "../../src/numerics/program.ts";
import { rowRanges } from "../../src/numerics/ranges.ts";
import { requestOfTile } from "../../src/numerics/tile.ts";
import { fisherInformation, sampled } from "../../src/scoring/fisher.ts";
import { reverseModel } from "../../src/transformer/backward.ts";
import { type LabelOf, nextTokens } from "../../src/transformer/backward-head.ts";
import { createReverseSpace } from "../../src/transformer/backward-space.ts";
import {
  multiplyOn,
  type ReversedProduct,
  transpose,
} from "../../src/transformer/backward-tools.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { plainProjection } from "../transformer/plain-engine.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "../transformer/random-model.ts";

const TOKENS = 24;
/** Nothing that goes into a matrix is larger: inputs are not clipped. */
const RANGE = 8;
const SEED = 5;
const workload = { ...SMALL, vocabulary_tokens: 19 };
const matrices = weightMatrices(workload);
const weights = randomWeights(workload, 3);
const decoder = plainDecoder(workload, weights);
const digital = (w: Float32Array, outputs: number, inputs: number) => ({
  ...plainProjection(w, outputs, inputs),
  dispose: () => {},
});
const windows = randomWindows(workload, [TOKENS], 8);

const none = { source: "test", evidence: "assumed" } as const;
const base = readArch("hetero-pcm").tiles[0]!;
const tileOf = (
  more: Partial<AnalogNumerics>,
  bits = 0,
  input_range: AnalogNumerics["input_range"] = { kind: "fixed", range_value: RANGE },
): AnalogTile => ({
  ...base,
  // two row ranges and more than one block of columns in most matrices
  crossbar: { ...base.crossbar, rows: 5, cols: 4, devices_per_cell: 1 },
  input: { ...base.input, bits: 0, bits_per_phase: 1 },
  output: { ...base.output, bits },
  numerics: {
    ...{ devices: { kind: "ideal", ...none }, weight_scaling: "column", weight_omega: 0.8 },
    ...{ input_range, output_bound: 0, output_noise: { std: 0, ...none } },
    ...{ drift_compensation: "none", ...more },
  },
});

const rangesOf = (tile: AnalogTile) =>
  matrices.map((matrix) =>
    tile.numerics.input_range.kind === "dynamic"
      ? null
      : rowRanges(blocksOn(tile, matrix)).map(() => RANGE),
  );

/** Slope and curvature terms of every matrix with the errors of a reference engine. */
function oneByOne(tile: AnalogTile) {
  const engine = createReferenceEngine();
  const ranges = rangesOf(tile);
  const errorsOf = ({ matrix, x, rows, rowIds }: ReversedProduct): Float32Array => {
    const { inputs, outputs, id } = matrix;
    const [exact, read] = [0, 0].map(() => new Float32Array(rows * outputs)) as [
      Float32Array,
      Float32Array,
    ];
    plainProjection(weights.matrices[id]!, outputs, inputs).apply(x, rows, rowIds, exact);
    const programmed = programMatrix({
      ...{ weights: weights.matrices[id]!, matrix, blocks: blocksOn(tile, matrix) },
      ...{ ...requestOfTile(tile), inputRanges: ranges[id]! },
      ...{ seed: 1, noise_scale: 1, age_s: 0 },
    });
    engine.analog(programmed).apply(x, rows, rowIds, read);
    return read.map((y, i) => y - exact[i]!);
  };
  const sums = matrices.map(() => ({ slope: 0, square: 0 }));
  const space = createReverseSpace(workload, TOKENS, TOKENS);
  const batch = batchOf(windows);
  const run = (labels: LabelOf, onProduct: (product: ReversedProduct) => void) =>
    reverseModel(decoder, batch, labels, space, {
      multiply: multiplyOn(digital),
      transposed: (m) => {
        const turned = new Float32Array(m.inputs * m.outputs);
        transpose(weights.matrices[m.id]!, m.outputs, m.inputs, turned);
        return plainProjection(turned, m.inputs, m.outputs);
      },
      hooks: { onProduct },
    });
  run(sampled(batch, SEED), (product) => {
    const { matrix, rows, dy } = product;
    const errors = errorsOf(product);
    for (let row = 0; row < rows; row++) {
      let together = 0;
      for (let i = row * matrix.outputs; i < (row + 1) * matrix.outputs; i++)
        together += dy[i]! * errors[i]!;
      sums[matrix.id]!.square += together ** 2 / 2 / (TOKENS - 1);
    }
  });
  run(nextTokens(batch), (product) => {
    const errors = errorsOf(product);
    for (let i = 0; i < errors.length; i++)
      sums[product.matrix.id]!.slope -= (product.dy[i]! * errors[i]!) / (TOKENS - 1);
  });
  return sums;
}

function predicted(tile: AnalogTile) {
  const model = { decoder, weights: weights.matrices, digital };
  const curved = { matrices, weights: weights.matrices };
  const ranges = rangesOf(tile);
  const plans = [columnPlans(curved, tile, ranges)];
  const found = fisherInformation(model, windows, { seed: SEED, plans });
  const errors = errorModel(tile, 1, 0);
  return sensitivities(
    { ...curved, curvature: found.matrices, columns: found.columns[0]! },
    tile,
    ranges,
  ).map((own) => (own === null ? null : predictRise(own, errors)));
}

/** Distance of all matrices' values, over their size. */
function distance(pairs: readonly (readonly [number, number])[]): number {
  const norm = (of: (pair: readonly [number, number]) => number): number =>
    Math.sqrt(pairs.reduce((sum, pair) => sum + of(pair) ** 2, 0));
  return norm(([a, b]) => a - b) / norm(([, b]) => b);
}

describe("errors of analog sums", () => {
  // Bins are an eighth of an octave wide, and of sums that err together half an octave.
  test.each([
    ["the bound clips", tileOf({ output_bound: 0.1 }), 0.03, 0.1],
    [
      "the bound clips, dynamic ranges",
      tileOf({ output_bound: 0.1 }, 0, { kind: "dynamic" }),
      0.03,
      0.1,
    ],
    ["one scale a tile", tileOf({ output_bound: 0.07, weight_scaling: "tile" }), 0.03, 0.1],
    ["most sums are below a step of the ADC", tileOf({ output_bound: 2 }, 2), 0.03, 0.1],
  ] as const)("%s: as predicted, matrix by matrix", (_name, tile, ofSlope, ofSquare) => {
    const expected = oneByOne(tile);
    const rises = predicted(tile);
    const used = matrices.filter(({ id }) => rises[id] != null);
    expect(used.length).toBeGreaterThan(10);
    const slopes = used.map(
      ({ id }) => [rises[id]!.outputSlope_nats, expected[id]!.slope] as const,
    );
    const squares = used.map(
      ({ id }) =>
        [rises[id]!.outputs_nats - rises[id]!.outputSlope_nats, expected[id]!.square] as const,
    );
    expect(distance(slopes)).toBeLessThan(ofSlope);
    expect(distance(squares)).toBeLessThan(ofSquare);
  });

  test("IR drop: slope along what is lost", () => {
    const tile = tileOf({ ir_drop: { scale: 2, conductance_ratio: 50, ...none } });
    const expected = oneByOne(tile);
    const rises = predicted(tile);
    const slopes = matrices
      .filter(({ id }) => rises[id] != null)
      .map(({ id }) => [rises[id]!.outputSlope_nats, expected[id]!.slope] as const);
    expect(distance(slopes)).toBeLessThan(0.05);
  });

  test("a bound that nothing reaches costs nothing", () => {
    for (const rise of predicted(tileOf({ output_bound: 1e5 })))
      if (rise !== null) expect(rise.outputs_nats).toBe(0);
  });
});
