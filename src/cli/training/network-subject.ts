/** Networks that start from random weights: CNN, LSTM, encoder. */
import type { AnalogTile } from "../../model/arch.ts";
import type { Training } from "../../model/training.ts";
import { TRAINING_DEFAULTS } from "../../model/training-defaults.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import { calibrateRanges } from "../../training/calibrate.ts";
import { createNetwork, type TrainedFromScratch } from "../../training/create-network.ts";
import { batchesOf, type Examples, inOrder } from "../../training/data/batches.ts";
import { createErrorTally, type ErrorMeasure } from "../../training/metric/errors.ts";
import type { Network, ParameterValues } from "../../training/network.ts";
import {
  digitalNetwork,
  type EvaluatedNetwork,
  programNetwork,
} from "../../training/programmed.ts";
import type { Hardware, ProductRanges, TrainingState } from "../../training/session.ts";
import { firstState, stateFrom } from "../../training/state.ts";
import { openTensors } from "../../training/tensors.ts";
import { train } from "../../training/train.ts";
import type { Trials } from "../../training/trials/trials.ts";
import { sha256OfValue } from "../hash.ts";
import { openEngine } from "../open-engine.ts";
import { VERSION } from "../version.ts";
import type { Phase } from "./phase.ts";
import type { Subject, Trained } from "./subject.ts";
import { readTask, type Task } from "./task.ts";

/** All that phases and trials share. */
interface Opened {
  readonly spec: Training;
  readonly file: string;
  readonly tile: AnalogTile;
  readonly network: Network;
  readonly task: Task;
  readonly engine: ReusableEngine;
}

/** @param network of `spec`, which is no checkpoint */
export async function openNetworkSubject(
  spec: Training,
  network: TrainedFromScratch,
  file: string,
  tile: AnalogTile,
): Promise<Subject> {
  await openTensors();
  const task = readTask(spec.data, file);
  const engine = await openEngine("wasm");
  const created = createNetwork(network, task.shape, spec.seed);
  const opened: Opened = { spec, file, tile, network: created, task, engine };
  return {
    spec,
    tile,
    engine,
    measure: task.measure,
    digitalPhase: digitalPhase(opened),
    hardwarePhase: (digital) => hardwarePhase(opened, digital!),
    openTrials: async (trained, items) => openTrials(opened, trained, items),
  };
}

/** Phases have their own order of examples. */
const HARDWARE_SEED_OFFSET = 1_000_003;

function digitalPhase({ spec, file, network, task, engine }: Opened): Phase {
  const recipe = spec.digital!;
  const { seed, data } = spec;
  const batchAt = batchesOf(task.examples.training, recipe.batch_items, seed);
  return {
    name: "digital",
    steps: recipe.steps,
    checkpoint_steps: recipe.checkpoint_steps ?? TRAINING_DEFAULTS.checkpoint_steps,
    learningRate: { file, pointer: "/digital/learning_rate" },
    identity: sha256OfValue({ VERSION, seed, network: spec.network, data, recipe }),
    begin: () => firstState(network),
    run: (start, reportSteps) =>
      train({ network, recipe, start, batchAt, seed, engine, reportSteps }),
  };
}

function hardwarePhase(opened: Opened, digital: TrainingState): Phase {
  const { spec, file, tile, network, task, engine } = opened;
  const recipe = spec.hardware_aware;
  const seed = spec.seed + HARDWARE_SEED_OFFSET;
  const batchAt = batchesOf(task.examples.training, recipe.batch_items, seed);
  const hardware: Hardware = { recipe, tile, teacher: digital.parameters };
  const before = digitalPhase(opened).identity;
  return {
    name: "hardware-aware",
    steps: recipe.steps,
    checkpoint_steps: recipe.checkpoint_steps ?? TRAINING_DEFAULTS.checkpoint_steps,
    learningRate: { file, pointer: "/hardware_aware/learning_rate" },
    identity: sha256OfValue({
      before,
      recipe,
      numerics: tile.numerics,
      tile: { ...tile, cost: 0 },
    }),
    begin: () => stateFrom(digital.parameters),
    run: (start, reportSteps) =>
      train({ network, recipe, hardware, start, batchAt, seed, engine, reportSteps }),
  };
}

/** Examples that ranges are set on, and that are computed together. */
const BATCH_ITEMS = 64;
const CALIBRATION_ITEMS = 512;

function rangesOn(
  { network, tile, task }: Opened,
  values: ParameterValues,
  rule: AnalogTile["numerics"]["input_range"],
): ProductRanges {
  const examples = first(task.examples.validation, CALIBRATION_ITEMS);
  return calibrateRanges(network, values, tile, rule, inOrder(examples, BATCH_ITEMS));
}

const first = ({ items, gather }: Examples, most: number): Examples => ({
  items: Math.min(items, most),
  gather,
});

function openTrials(
  opened: Opened,
  { digital, hardware }: Trained,
  items = Number.POSITIVE_INFINITY,
): Trials {
  const { network, tile, task, engine } = opened;
  const batches = inOrder(first(task.examples.evaluation, items), BATCH_ITEMS);
  const errorOf = (evaluated: EvaluatedNetwork): number =>
    scoreBatches(evaluated, batches, network, task.measure);
  const versions = {
    direct: {
      values: digital!.parameters,
      ranges: rangesOn(opened, digital!.parameters, tile.numerics.input_range),
    },
    "hardware-aware": { values: hardware.parameters, ranges: hardware.ranges },
  } as const;
  return {
    scale: {
      digital: errorOf(digitalNetwork(network, digital!.parameters)),
      chance: task.chance(Int32Array.from(batches.flatMap(({ labels }) => [...labels]))),
    },
    error: async (version, on, programming) => {
      const { values, ranges } = versions[version];
      return errorOf(programNetwork(network, values, { tile: on, engine, ranges, ...programming }));
    },
  };
}

/** Error over batches; the network is disposed of. */
function scoreBatches(
  { logits, dispose }: EvaluatedNetwork,
  batches: readonly ReturnType<Examples["gather"]>[],
  { classes }: Network,
  measure: ErrorMeasure,
): number {
  const tally = createErrorTally(measure);
  let example = 0;
  for (const batch of batches) {
    tally.add(logits(batch, example), classes, batch.labels);
    example += batch.examples;
  }
  dispose();
  return tally.error();
}
