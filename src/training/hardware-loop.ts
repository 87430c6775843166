/** The crossbars' part of training: ranges, ramp, and what happens to weights after a step. */

import type { WeightClipSpec } from "../model/training-recipe.ts";
import { clipWeights, type WeightClip } from "../numerics/hwa/clip.ts";
import { remapWeights } from "../numerics/hwa/remap.ts";
import { calibrateRanges } from "./calibrate.ts";
import {
  type HardwareSetting,
  type HardwareStep,
  hardwareSetting,
  openStep,
} from "./hardware-step.ts";
import { inputStd, rangeFromData, rangeGradient } from "./input-ranges.ts";
import type { LabelledBatch, Product } from "./network.ts";
import { createOptimiserState } from "./optimiser.ts";
import { scaleName, weightName } from "./parameter-tensors.ts";
import type { TrainRequest } from "./session.ts";
import { type RunState, rangeName } from "./state.ts";

export interface HardwareLoop {
  readonly learnsScales: boolean;
  /** Ranges learn so many times as fast as weights. */
  readonly rangeRate: number;
  /** Share of the weight noise that a step has. */
  readonly share: (step: number) => number;
  /** Programs the analog products for a step. */
  readonly open: (step: number, batch: LabelledBatch) => HardwareStep;
  /** Gradients of the logarithms of ranges, behind those of the parameters. */
  readonly rangeGradients: (step: HardwareStep, number: number) => readonly Float32Array[];
  /** After the optimiser: ranges, then clipping and stretching of weights. */
  readonly settle: (step: HardwareStep, number: number) => void;
}

/** Changes `run`: at step 0 weights are stretched and ranges set from the first batch. */
export function createHardwareLoop(request: TrainRequest, run: RunState): HardwareLoop {
  const {
    network,
    hardware,
    seed,
    engine,
    recipe: { optimiser },
  } = request;
  if (hardware === undefined) throw new Error("no hardware");
  const setting = hardwareSetting(network, hardware, seed, engine);
  const { recipe, products } = setting;
  const share = (step: number): number =>
    recipe.ramp_steps > 0 ? Math.min(1, (step + 1) / recipe.ramp_steps) : 1;
  const begin = (batch: LabelledBatch): void => {
    for (const product of products) boundProduct(setting, run, product, { clips: false });
    const { kappa } = recipe.input_range;
    const rule = { kind: "std", kappa } as const;
    const names = new Set(products.map(({ name }) => name));
    const found = calibrateRanges(network, run.values, hardware.tile, rule, [batch], names);
    for (const { name } of products) addRanges(run, name, found.get(name)!);
    run.optimiser = createOptimiserState(optimiser, run.trained);
  };
  return {
    learnsScales: recipe.learned_scales,
    rangeRate: recipe.input_range.learning_rate_factor,
    share,
    open: (step, batch) => {
      if (run.ranges.size === 0) begin(batch);
      return openStep(setting, run.values, run.ranges, step, share(step));
    },
    rangeGradients: ({ tallies }, step) =>
      products.map(({ name }) =>
        Float32Array.from(tallies.get(name)!, (tally) =>
          isLearned(setting, step) ? rangeGradient(tally, recipe.input_range) : 0,
        ),
      ),
    settle: (hardwareStep, step) => {
      for (const product of products) {
        settleRanges(setting, run, product, hardwareStep, step);
        boundProduct(setting, run, product, { clips: true });
      }
    },
  };
}

const isLearned = ({ recipe: { input_range } }: HardwareSetting, step: number): boolean =>
  input_range.learned && step >= input_range.initial_steps;

/** A range of 0, where nothing but zeros arrived, would divide by 0. */
const NO_INPUT_RANGE = 1;

function addRanges(run: RunState, name: string, found: Float64Array | null): void {
  const ranges = Float32Array.from(found ?? [], (range) => (range > 0 ? range : NO_INPUT_RANGE));
  run.ranges.set(name, ranges);
  run.rangeBatches.set(name, Int32Array.of(0));
  run.trained.push(ranges.map(Math.log));
  run.trainedNames.push(rangeName(name));
}

/**
 * Ranges from data in the first steps, then from their logarithms, which the optimiser moved.
 *
 * Logarithms are taken from the ranges again, so that a state that holds ranges only is complete.
 */
function settleRanges(
  setting: HardwareSetting,
  run: RunState,
  { name }: Product,
  { tallies }: HardwareStep,
  step: number,
): void {
  const { initial_steps, kappa } = setting.recipe.input_range;
  const ranges = run.ranges.get(name)!;
  const logs = run.trained[run.trainedNames.indexOf(rangeName(name))]!;
  const batches = run.rangeBatches.get(name)!;
  if (isLearned(setting, step)) ranges.set(logs.map(Math.exp));
  if (step < initial_steps) {
    tallies.get(name)!.forEach((tally, s) => {
      ranges[s] = rangeFromData(ranges[s]!, batches[0]!, kappa, inputStd(tally));
    });
    batches[0] = batches[0]! + 1;
  }
  logs.set(ranges.map(Math.log));
}

function boundProduct(
  { recipe }: HardwareSetting,
  { values }: RunState,
  product: Product,
  { clips }: { readonly clips: boolean },
): void {
  const weights = values.get(weightName(product))!;
  const scales = values.get(scaleName(product))!;
  const clip = clips ? clipOf(recipe.weight_clip) : null;
  if (clip !== null) weights.set(clipped(weights, product.inputs, clip));
  if (recipe.remap === "none") return;
  const stretched = remapWeights(weights, scales, "ChannelwiseSymmetric");
  weights.set(stretched.weights);
  scales.set(stretched.scales);
}

function clipOf(spec: WeightClipSpec): WeightClip | null {
  if (spec.kind === "none") return null;
  if (spec.kind === "gaussian") return { type: "LayerGaussian", sigma: spec.sigma_factor };
  return { type: "FixedValue", fixed_value: spec.bound };
}

const clipped = (weights: Float32Array, inputs: number, clip: WeightClip): Float32Array =>
  clipWeights(weights, inputs, clip);
