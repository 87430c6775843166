import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { checkpointFiles } from "../../src/cli/files.ts";
import { InputError } from "../../src/model/issue.ts";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import {
  maxNeuronNormScores,
  NEURON_AXES,
  type NeuronAxis,
  routerNormScores,
  scoreSummary,
  type WeightSource,
} from "../../src/scoring/weight-scores.ts";
import { TINY_MODELS, tinyWorkload } from "../transformer/tiny-models.ts";

const matrix = (change: Partial<WeightMatrix>): WeightMatrix => ({
  id: 0,
  module: "expert",
  part: "gate",
  layer: 0,
  expert: 0,
  inputs: 2,
  outputs: 2,
  ...change,
});

/** Matrices held in memory, by id. */
const inMemory = (weights: readonly Float32Array[]): WeightSource => ({
  matrixRows: async ({ id, inputs }, begin, end) =>
    weights[id]!.slice(begin * inputs, end * inputs),
});

const EXPERT = [
  matrix({ id: 0, part: "gate", inputs: 2, outputs: 3 }),
  matrix({ id: 1, part: "up", inputs: 2, outputs: 3 }),
  matrix({ id: 2, part: "down", inputs: 3, outputs: 2 }),
];

test("by hand: 5 x 13 x (10 by columns, sqrt(61) x 2 by rows)", async () => {
  const source = inMemory([
    // Rows of norm 5, 1, 0.
    Float32Array.of(3, 4, 1, 0, 0, 0),
    // Rows of norm 2, 13, 1.
    Float32Array.of(0, 2, -5, 12, 1, 0),
    // Columns (6, 8), (0, 0), (10, 12): norms 10, 0, 15.6; rows of norm 11.7 and 14.4.
    Float32Array.of(6, 0, 10, 8, 0, 12),
  ]);
  const scores = async (downAxis: NeuronAxis) =>
    (await maxNeuronNormScores(source, EXPERT, { downAxis }))[0]![0];
  expect(await scores("column")).toBeCloseTo(5 * 13 * Math.sqrt(244), 10);
  expect(await scores("row")).toBeCloseTo(5 * 13 * Math.sqrt(208), 10);
});

/** Norms by definition, from arrays of arrays. */
function plainScore(weights: readonly Float32Array[], axis: NeuronAxis): number {
  const norms = weights.map((w, part) => {
    const { inputs, outputs } = EXPERT[part]!;
    const rows = Array.from({ length: outputs }, (_, o) => [
      ...w.slice(o * inputs, (o + 1) * inputs),
    ]);
    const columns = Array.from({ length: inputs }, (_, i) => rows.map((row) => row[i]!));
    const neurons = part === 2 && axis === "column" ? columns : rows;
    return Math.max(...neurons.map((neuron) => Math.hypot(...neuron)));
  });
  return norms.reduce((product, norm) => product * norm, 1);
}

test.each([1, 2, 3, 5, 7, 8])("widths and heights of any remainder by four: %d", async (n) => {
  const shape = { inputs: n, outputs: n + 2 };
  const ones = new Float32Array(n * (n + 2)).fill(1);
  const parts = EXPERT.map((m) => ({ ...m, ...shape }));
  const score = async (downAxis: NeuronAxis) =>
    (await maxNeuronNormScores(inMemory([ones, ones, ones]), parts, { downAxis }))[0]![0]!;
  expect(await score("row")).toBeCloseTo(n ** 1.5, 10);
  expect(await score("column")).toBeCloseTo(n * Math.sqrt(n + 2), 10);
});

const number = fc.float({ min: -1000, max: 1000, noNaN: true });
const six = fc.array(number, { minLength: 6, maxLength: 6 }).map((v) => Float32Array.from(v));

describe.each(NEURON_AXES)("down by %s", (downAxis) => {
  const score = async (weights: readonly Float32Array[]) =>
    (await maxNeuronNormScores(inMemory(weights), EXPERT, { downAxis }))[0]![0]!;

  test("equals the definition", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(six, six, six), async (weights) => {
        const expected = plainScore(weights, downAxis);
        expect(Math.abs((await score(weights)) - expected)).toBeLessThanOrEqual(1e-12 * expected);
      }),
    );
  });

  test("scaling all weights by s scales the score by s cubed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(six, six, six), async (weights) => {
        const doubled = weights.map((w) => w.map((value) => 2 * value));
        expect(await score(doubled)).toBe(8 * (await score(weights)));
      }),
    );
  });
});

test("the largest and smallest float32 neither overflow nor vanish", async () => {
  const score = async (value: number) => {
    const weights = [6, 6, 6].map((n) => new Float32Array(n).fill(value));
    return (await maxNeuronNormScores(inMemory(weights), EXPERT, { downAxis: "row" }))[0]![0]!;
  };
  const largest = 2 * Math.sqrt(3) * Math.fround(3e38) ** 3;
  expect((await score(3e38)) / largest).toBeCloseTo(1, 12);
  expect(await score(1e-44)).toBeGreaterThan(0);
});

test("matrices larger than a piece are put together", async () => {
  const [inputs, outputs] = [3000, 3001];
  const parts = ["gate", "up", "down"] as const;
  const large = parts.map((part, id) => matrix({ id, part, inputs, outputs }));
  let most = 0;
  const source: WeightSource = {
    // Row r is all r + 1, and column 7 all 5000: many pieces, the last one short.
    matrixRows: async (_, begin, end) => {
      const values = new Float32Array((end - begin) * inputs);
      most = Math.max(most, values.length);
      for (let row = begin; row < end; row++) {
        values.fill(row + 1, (row - begin) * inputs, (row - begin + 1) * inputs);
        values[(row - begin) * inputs + 7] = 5000;
      }
      return values;
    },
  };
  const row = Math.sqrt(2999 * 3001 ** 2 + 5000 ** 2);
  const column = 5000 * Math.sqrt(3001);
  const seen: string[] = [];
  const scores = await maxNeuronNormScores(source, large, { downAxis: "column" }, (done, total) =>
    seen.push(`${done}/${total}`),
  );
  expect(scores[0]![0]! / (row * row * column)).toBeCloseTo(1, 12);
  expect(most).toBeLessThanOrEqual(2 ** 19);
  expect(seen).toEqual(["1/3", "2/3", "3/3"]);
  // Where rows cannot be read alone, each matrix is read once.
  const whole = { ...source, readsWhole: () => true };
  const same = await maxNeuronNormScores(whole, large, { downAxis: "column" });
  expect(most).toBe(inputs * outputs);
  expect(same[0]![0]! / scores[0]![0]!).toBeCloseTo(1, 12);
});

describe.each(TINY_MODELS)("%s", (model) => {
  const workload = tinyWorkload(model);
  const open = () =>
    openCheckpoint(checkpointFiles(`workloads/${model}`), workload, `workloads/${model}`);

  test.each(NEURON_AXES)("every expert, down by %s, equals the definition", async (downAxis) => {
    const checkpoint = await open();
    const matrices = weightMatrices(workload);
    const scores = await maxNeuronNormScores(checkpoint, matrices, { downAxis });
    expect(scores.map((layer) => layer.length)).toEqual(
      Array.from({ length: workload.layers }, (_, layer) =>
        workload.dense_layers.includes(layer) ? 0 : workload.moe.experts,
      ),
    );
    for (const [layer, expert] of [
      [1, 0],
      [3, 7],
      [5, 23],
    ] as const) {
      let product = 1;
      for (const m of matrices.filter((w) => w.layer === layer && w.expert === expert)) {
        const values = await checkpoint.matrix(m);
        const byColumn = m.part === "down" && downAxis === "column";
        const neurons = byColumn ? m.inputs : m.outputs;
        const norms = Array.from({ length: neurons }, (_, n) =>
          Math.hypot(
            ...values.filter((_v, i) => (byColumn ? i % m.inputs : Math.floor(i / m.inputs)) === n),
          ),
        );
        product *= Math.max(...norms);
      }
      expect(scores[layer]![expert]! / product).toBeCloseTo(1, 12);
    }
  });

  test("router norms are those of the router's rows", async () => {
    const checkpoint = await open();
    const matrices = weightMatrices(workload);
    const scores = await routerNormScores(checkpoint, matrices);
    for (const router of matrices.filter(({ module }) => module === "router")) {
      const values = await checkpoint.matrix(router);
      const expected = Array.from({ length: router.outputs }, (_, e) =>
        Math.hypot(...values.slice(e * router.inputs, (e + 1) * router.inputs)),
      );
      scores[router.layer]!.forEach((norm, e) => {
        expect(norm / expected[e]!).toBeCloseTo(1, 12);
      });
      expect(scores[router.layer]!.length).toBe(router.outputs);
    }
  });
});

test("a gate of the shared expert is no router", async () => {
  const routers = [
    matrix({ id: 0, module: "router", part: "weight", outputs: 2 }),
    matrix({ id: 1, module: "router", part: "shared_gate", outputs: 1 }),
  ];
  const source = inMemory([Float32Array.of(3, 4, 0, 1), Float32Array.of(9, 9)]);
  expect(await routerNormScores(source, routers)).toEqual([[5, 1]]);
});

test("an error of the checkpoint reaches the caller", async () => {
  const error = new InputError("f", [{ pointer: "/t", found: "NaN", allowed: "finite numbers" }]);
  const source: WeightSource = {
    matrixRows: async ({ id }) => {
      if (id === 2) throw error;
      return new Float32Array(6);
    },
  };
  await expect(maxNeuronNormScores(source, EXPERT, { downAxis: "row" })).rejects.toBe(error);
});

test("the summary of a layer", () => {
  expect(scoreSummary([[], [1, 3], [0, 0, 0]])).toEqual([
    { layer: 1, experts: 2, min: 1, mean: 2, max: 3, variation: 0.5 },
    { layer: 2, experts: 3, min: 0, mean: 0, max: 0, variation: 0 },
  ]);
});
