/** Training as a whole: it learns, goes on where it was cut off, and says when it diverges. */
import { beforeAll, describe, expect, test } from "vitest";
import type { DigitalRecipe, HardwareRecipe } from "../../../src/model/training-recipe.ts";
import { calibrateRanges } from "../../../src/training/calibrate.ts";
import { DivergedError } from "../../../src/training/diverged.ts";
import type { Network } from "../../../src/training/network.ts";
import { digitalNetwork, programNetwork } from "../../../src/training/programmed.ts";
import type { TrainingState, TrainProgress } from "../../../src/training/session.ts";
import { firstState, stateFrom } from "../../../src/training/state.ts";
import { openTensors, tensorsAlive } from "../../../src/training/tensors.ts";
import { train } from "../../../src/training/train.ts";
import { decodeState, encodeState } from "../../../src/training/trials/state-file.ts";
import {
  batchFor,
  engine,
  hardwareRecipe,
  idealTile,
  KINDS,
  type Kind,
  smallNetwork,
  tileWith,
} from "./support.ts";

beforeAll(openTensors);

const digital = (steps: number, learning_rate = 0.01): DigitalRecipe => ({
  ...{ steps, batch_items: 6, learning_rate },
  optimiser: { kind: "adamw" },
  schedule: { kind: "constant" },
});

interface Run {
  readonly events: readonly TrainProgress[];
  readonly last: TrainingState;
}

function run(
  kind: Kind,
  network: Network,
  start: TrainingState,
  recipe: DigitalRecipe | HardwareRecipe,
  reportSteps = 1,
): Run {
  const hardware = "weight_noise" in recipe ? recipe : null;
  const events = [
    ...train({
      ...{ network, recipe, start, seed: 3, engine, reportSteps },
      batchAt: (step) => batchFor(kind, recipe.batch_items, step),
      ...(hardware && {
        hardware: { recipe: hardware, tile: tileWith(), teacher: start.parameters },
      }),
    }),
  ];
  return { events, last: events.at(-1)!.state() };
}

const losses = ({ events }: Run): readonly number[] => events.map(({ loss_nats }) => loss_nats);

describe.each(KINDS)("%s", (kind) => {
  const network = smallNetwork(kind);

  test("learns a separable problem, digitally and then with noise", () => {
    const plain = run(kind, network, firstState(network), digital(60, 0.02), 20);
    expect(losses(plain).at(-1)!).toBeLessThan(0.35);
    const recipe = hardwareRecipe({ steps: 60, learning_rate: 0.01 });
    const noisy = run(kind, network, stateFrom(plain.last.parameters), recipe, 20);
    expect(losses(noisy).at(-1)!).toBeLessThan(0.5);
    expect(noisy.last.ranges.size).toBe(network.products.length);
  });

  test.each([
    ["digital", digital(6)],
    [
      "hardware-aware",
      hardwareRecipe({
        ...{ ramp_steps: 4, weight_clip: { kind: "gaussian", sigma_factor: 2.5 } },
        distillation: { weight_frac: 0.5, temperature_factor: 2 },
      }),
    ],
  ] as const)("%s: going on from a saved state yields the same bits", (_what, recipe) => {
    const first = firstState(network);
    const whole = run(kind, network, first, recipe);
    const begun = session(kind, network, first, recipe, first);
    let cut = first;
    for (const { step, state } of begun) {
      cut = state();
      if (step === 3) break;
    }
    const read = decodeState(encodeState(cut, {}), "test").state;
    const rest = [...session(kind, network, read, recipe, first)].at(-1)!.state();
    expect(rest.parameters).toEqual(whole.last.parameters);
    expect(rest.ranges).toEqual(whole.last.ranges);
    expect(rest.moments).toEqual(whole.last.moments);
  });

  test("no tensor is left behind", () => {
    const before = tensorsAlive().tensors;
    run(kind, network, firstState(network), hardwareRecipe({ steps: 3 }));
    expect(tensorsAlive().tensors).toBe(before);
  });

  test("programmed on an ideal tile it is the digital network", () => {
    const values = firstState(network).parameters;
    const batch = batchFor(kind, 5);
    const rule = { kind: "max" } as const;
    const ranges = calibrateRanges(network, values, idealTile, rule, [batch]);
    const options = { tile: idealTile, engine, ranges, seed: 1, age_s: 0 };
    const [a, b] = [digitalNetwork(network, values), programNetwork(network, values, options)];
    const expected = a.logits(batch, 0);
    b.logits(batch, 0).forEach((z, i) => {
      expect(z).toBeCloseTo(expected[i]!, 4);
    });
    a.dispose();
    b.dispose();
  });

  test("results do not depend on how examples are batched", () => {
    const values = firstState(network).parameters;
    const batch = batchFor(kind, 4);
    const tile = tileWith();
    const ranges = calibrateRanges(network, values, tile, { kind: "max" }, [batch]);
    const on = programNetwork(network, values, { tile, engine, ranges, seed: 1, age_s: 3600 });
    const whole = on.logits(batch, 0);
    const size = network.inputsPerExample;
    const parts = [0, 1, 2, 3].flatMap((e) => [
      ...on.logits({ examples: 1, inputs: batch.inputs.slice(e * size, (e + 1) * size) }, e),
    ]);
    expect(parts).toEqual([...whole]);
    expect(on.logits(batch, 4)).not.toEqual(whole);
    on.dispose();
  });
});

/** Training from a state; the teacher is the first one. */
const session = (
  kind: Kind,
  network: Network,
  start: TrainingState,
  recipe: DigitalRecipe | HardwareRecipe,
  teacher: TrainingState,
) =>
  train({
    ...{ network, recipe, start, seed: 3, engine, reportSteps: 1 },
    batchAt: (step) => batchFor(kind, recipe.batch_items, step),
    ...("weight_noise" in recipe && {
      hardware: { recipe, tile: tileWith(), teacher: teacher.parameters },
    }),
  });

test("a learning rate that is too large is an error with the step; states before it are sound", () => {
  const network = smallNetwork("encoder");
  const seen: TrainingState[] = [];
  const diverge = (): void => {
    for (const { state } of train({
      ...{ network, recipe: { ...digital(50, 1e30), optimiser: { kind: "sgd" } }, seed: 1, engine },
      start: firstState(network),
      reportSteps: 1,
      batchAt: (step) => batchFor("encoder", 6, step),
    }))
      seen.push(state());
  };
  const before = tensorsAlive().tensors;
  expect(diverge).toThrow(DivergedError);
  expect(tensorsAlive().tensors).toBe(before);
});

test("column-wise remapping leaves the digital network as it is", () => {
  const network = smallNetwork("residual-cnn");
  const first = firstState(network);
  const still = hardwareRecipe({ steps: 1, learning_rate: 1e-20 });
  const { last } = run("residual-cnn", network, first, still);
  const batch = batchFor("residual-cnn", 4);
  const [a, b] = [first, last].map(({ parameters }) => digitalNetwork(network, parameters));
  const expected = a!.logits(batch, 0);
  b!.logits(batch, 0).forEach((z, i) => {
    expect(z).toBeCloseTo(expected[i]!, 4);
  });
  const largest = last.parameters.get("head.weight")!.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  expect(largest).toBeCloseTo(1, 6);
});

test("scales that are not to be learned stay", () => {
  const network = smallNetwork("encoder");
  const first = firstState(network);
  const recipe = hardwareRecipe({ steps: 2, learned_scales: false, remap: "none" });
  const { last } = run("encoder", network, first, recipe);
  expect(last.parameters.get("head.scale")).toEqual(first.parameters.get("head.scale"));
  expect(last.parameters.get("head.weight")).not.toEqual(first.parameters.get("head.weight"));
});

test("the ramp", () => {
  const network = smallNetwork("encoder");
  const { events } = run(
    "encoder",
    network,
    firstState(network),
    hardwareRecipe({ ramp_steps: 4 }),
  );
  expect(events.map(({ noise_frac }) => noise_frac)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
});
