/** A crossbar with its converters: one input vector to one output vector. */
import { requireFinite } from "../finite.ts";
import { analogPass, product } from "./analog-pass.ts";
import { createDraws, type Draws, type ReadAddress } from "./draws.ts";
import { drawInstance, type Instance } from "./instance.ts";
import type { IoParameters } from "./io-parameters.ts";
import { createInputScale, type InputScale, worstCaseScale } from "./noise-management.ts";
import { outputStage } from "./output-stage.ts";
import { createQuantiser, type Quantiser, quantise } from "./quantiser.ts";

const f32 = Math.fround;

export interface Crossbar {
  /** [outputs][inputs], mostly within -1..1. */
  readonly weights: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
  readonly address: ReadAddress;
  /** Fixed deviations of this crossbar; left out: drawn by address. */
  readonly instance?: Partial<Instance>;
}

export interface AnalogForward {
  /**
   * @param x [inputs]
   * @param row which vector it is; with the crossbar's address, the address of its noise
   * @returns y [outputs], and the rounds of bound management it took (0 for a perfect read)
   */
  readonly read: (x: Float32Array, row: number) => { readonly y: Float32Array; rounds: number };
}

/**
 * The analog matrix-vector product with every non-ideality of the periphery.
 *
 * Order: input scale; DAC (round, clip, noise, asymmetry); one or two analog passes; output stage;
 * if an output clipped and bound management is on, all again at half the inputs; rescaling.
 * Products that decide codes are rounded to float32 one by one, because halved inputs sit on ties.
 *
 * AverageAbsMax has a state: vectors count in the order of the calls.
 *
 * @throws Error if a weight or input is not finite, or if noise management meets inp_bound != 1
 * @source AIHWKIT 1.1.0, CPU engine; Rasch et al., AICAS 2021.
 */
export function createAnalogForward(io: IoParameters, crossbar: Crossbar): AnalogForward {
  const { weights, outputs, inputs, address } = crossbar;
  if (weights.length !== outputs * inputs) throw new Error(`${weights.length} weights`);
  requireFinite(weights, "weight", inputs);
  if (io.noise_management !== "None" && io.inp_bound !== 1)
    throw new Error(`inp_bound ${io.inp_bound}; must be 1 with noise management`);
  const perfect = io.is_perfect || io.mv_type === "Ideal";
  const stage = perfect ? null : createStages(io, crossbar);
  return {
    read: (x, row) => {
      requireFinite(x, "input", inputs);
      if (stage === null) return { y: product(weights, x).map((v) => v * io.out_scale), rounds: 0 };
      return readManaged(io, stage, outputs, x, createDraws(address, row));
    },
  };
}

/** The parts that a read goes through. */
interface Stages {
  readonly dac: Quantiser;
  readonly inputScale: InputScale;
  readonly pass: (v: Float32Array, draws: Draws, round: number) => PassResult;
}

interface PassResult {
  readonly y: Float32Array;
  readonly clipped: boolean;
}

function createStages(io: IoParameters, crossbar: Crossbar): Stages {
  const { outputs, inputs, address } = crossbar;
  const instance = { ...drawInstance(io, outputs, inputs, address), ...crossbar.instance };
  const dac = createQuantiser(io.inp_res, io.inp_bound);
  const adc = createQuantiser(io.out_res, io.out_bound);
  const factors = instance.w_asymmetry;
  const negativeWeights =
    factors === null ? crossbar.weights : crossbar.weights.map((w, i) => w * factors[i]!);
  const one = (weights: Float32Array, v: Float32Array, draws: Draws, turn: number) =>
    analogPass(io, instance, weights, v, draws, turn);
  const convert = (y: Float32Array, draws: Draws, turn: number): boolean =>
    outputStage(io, instance, adc, y, draws, turn);
  return {
    dac,
    inputScale: createInputScale(io, dac.step),
    pass: (v, draws, round) => {
      if (io.mv_type === "OnePass") {
        const y = one(crossbar.weights, v, draws, 2 * round);
        return { clipped: convert(y, draws, 2 * round), y };
      }
      const positive = one(crossbar.weights, v.map(positivePart), draws, 2 * round);
      const negative = one(negativeWeights, v.map(negativePart), draws, 2 * round + 1);
      if (io.mv_type === "PosNegSeparate") {
        add(positive, negative);
        return { clipped: convert(positive, draws, 2 * round), y: positive };
      }
      const clippedPositive = convert(positive, draws, 2 * round);
      const clippedNegative = convert(negative, draws, 2 * round + 1);
      add(positive, negative);
      return { clipped: clippedPositive || clippedNegative, y: positive };
    },
  };
}

const positivePart = (v: number): number => Math.max(v, 0);
const negativePart = (v: number): number => Math.min(v, 0);

function add(y: Float32Array, other: Float32Array): void {
  for (let o = 0; o < y.length; o++) y[o] = y[o]! + other[o]!;
}

/** Rounds of bound management: halved inputs until nothing clips or a limit is reached. */
function readManaged(
  io: IoParameters,
  stages: Stages,
  outputs: number,
  x: Float32Array,
  draws: Draws,
): { readonly y: Float32Array; rounds: number } {
  const managed = io.noise_management !== "None";
  let alpha = stages.inputScale(x);
  if (managed && alpha <= 0 && io.inp_noise <= 0)
    return { y: new Float32Array(outputs), rounds: 0 };
  let reduction = 1;
  for (let round = 0; ; round++) {
    const unreduced = managed && alpha > 0 ? f32(1 / alpha) : 1;
    const scale = io.bound_management === "None" ? unreduced : f32(unreduced / reduction);
    const v = driveInputs(io, stages.dac, x, scale, draws, round);
    const { y, clipped } = stages.pass(v, draws, round);
    if (!clipped || io.bound_management === "None" || isLast(io, stages.dac.step, reduction))
      return { y: y.map((value) => value * f32(io.out_scale / scale)), rounds: round + 1 };
    reduction *= 2;
    if (io.bound_management === "IterativeWorstCase" && round === 0) {
      reduction = 1;
      const largest = x.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const capped = io.nm_thres > 0 ? Math.min(largest, f32(io.nm_thres)) : largest;
      alpha = Math.max(capped, worstCaseScale(io, stages.dac.step, x));
    }
  }
}

function isLast(io: IoParameters, inputStep: number, reduction: number): boolean {
  return (
    Math.floor(reduction) > io.max_bm_factor ||
    (inputStep > 0 && reduction > io.max_bm_res / inputStep)
  );
}

/** DAC values: rounded, clipped, noisy, asymmetric. */
function driveInputs(
  io: IoParameters,
  dac: Quantiser,
  x: Float32Array,
  scale: number,
  draws: Draws,
  round: number,
): Float32Array {
  const dither = io.inp_sto_round ? draws.dithers("dac-rounding", x.length, round) : null;
  const noise = io.inp_noise > 0 ? draws.normals("input", x.length, round) : null;
  return x.map((value, k) => {
    let v = quantise(f32(value * scale), dac, dither?.[k] ?? 0);
    if (noise !== null) v = f32(v + io.inp_noise * noise[k]!);
    return v < 0 ? v * (1 - io.inp_asymmetry) : v;
  });
}
