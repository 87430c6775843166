import { expect, test } from "vitest";
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import type { AnalogTile } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import type { DisposableProjection } from "../../src/numerics/engines/reusable.ts";
import { json, tinyWeights, tinyWorkload } from "../transformer/tiny-models.ts";

const workload = tinyWorkload("tiny-olmoe");
const weights = tinyWeights("tiny-olmoe");
const { tiles } = json("arch/hetero-pcm.json") as { tiles: readonly AnalogTile[] };
const matrices = weightMatrices(workload);
const plan = {
  ...{ workload, weights, pairs: [], noise_scale: 2, age_s: 0 },
  tiles: [tiles[0]!, { ...tiles[0]!, name: "other" }],
  ranges: [matrices.map(() => null), matrices.map(() => null)],
  windows: [{ tokens: Int32Array.from({ length: 24 }, (_, i) => (37 * i) % 4096), firstRow: 0 }],
  reference: new Float32Array(0),
};
const kindsOf = (analog: (expert: number) => boolean, kind: number): Int32Array =>
  Int32Array.from(matrices, ({ module, expert, layer }) =>
    module === "expert" && layer < 2 && analog(expert) ? kind : -1,
  );

test("matrices that are kept are those that would be programmed, whatever came before", () => {
  const engine = createEngine("wasm");
  let programmed = 0;
  const counting: typeof engine = {
    ...engine,
    analog: (matrix) => {
      programmed++;
      return engine.analog(matrix);
    },
  };
  const kept = createEvaluator(plan, counting, { keepsAnalog: true });
  const fresh = createEvaluator(plan, engine);
  const even = (expert: number): boolean => expert % 2 === 0;
  const all = (): boolean => true;
  const few = (expert: number): boolean => expert < 3;
  const tasks = [
    { tileKinds: kindsOf(even, 0), seed: 1 },
    { tileKinds: kindsOf(all, 0), seed: 1 },
    { tileKinds: kindsOf(few, 1), seed: 1 },
    { tileKinds: kindsOf(few, 0), seed: 2 },
    { tileKinds: kindsOf(few, 0), seed: 1 },
  ];
  for (const task of tasks) expect(kept.scoreText(task)).toEqual(fresh.scoreText(task));
  // Two layers, 24 experts of three matrices: 12, then the other 12; 3 of another kind; 3; 3.
  expect(programmed).toBe(2 * 3 * (12 + 12 + 3 + 3 + 3));
  kept.release();
  expect(kept.scoreText(tasks[4]!)).toEqual(fresh.scoreText(tasks[4]!));
  expect(programmed).toBe(2 * 3 * (12 + 12 + 3 + 3 + 3 + 3));
});

test("without a reference there is no KL divergence", () => {
  const evaluator = createEvaluator(plan, createEngine("wasm"));
  const score = evaluator.scoreText({ tileKinds: kindsOf(() => true, 0), seed: 1 });
  expect(score.kl_sum_nats).toBeNull();
});

test("an evaluator that is disposed of leaves nothing in the engine", () => {
  const engine = createEngine("wasm");
  let held = 0;
  const counted = <A extends readonly unknown[]>(make: (...args: A) => DisposableProjection) => {
    return (...args: A): DisposableProjection => {
      const { dispose, ...projection } = make(...args);
      held++;
      return {
        ...projection,
        dispose: () => {
          held--;
          dispose();
        },
      };
    };
  };
  const evaluator = createEvaluator(plan, {
    ...engine,
    digital: counted(engine.digital),
    analog: counted(engine.analog),
  });
  evaluator.scoreText({ tileKinds: kindsOf(() => true, 0), seed: 1 });
  expect(held).toBeGreaterThan(0);
  evaluator.dispose();
  expect(held).toBe(0);
});
