/** Gradients of one step, gathered product by product. */
import type { ForwardOverrides } from "../../model/training-recipe.ts";
import { levelsOfBits } from "../../numerics/quantise.ts";
import { rowRanges } from "../../numerics/ranges.ts";
import {
  type Multiply,
  type ReversedProduct,
  transpose,
} from "../../transformer/backward-tools.ts";
import { type OutputRule, widening } from "../input-ranges.ts";
import { trainingTile } from "../step-matrix.ts";
import { driven, stopClipped, straightThroughSlope, tallyOutputs } from "./converters.ts";
import { rangesOf, type TrainedMatrix } from "./parameters.ts";
import type { StepDecoder } from "./step-decoder.ts";

/** Of one matrix. Arrays are overwritten by the next step. */
export interface MatrixGradient {
  /** dL/dW of the step's noisy matrix, [outputs][inputs]. */
  readonly weights: Float32Array;
  /** By the logarithms of input ranges; null: dynamic. */
  readonly logRanges: Float32Array | null;
}

export interface RangeRule extends OutputRule {
  readonly learned: boolean;
  /**
   * Clipped inputs only, or all inputs, outputs and their noise; the latter only where one row
   * range has all inputs, since outputs of several are seen as their sum only.
   */
  readonly gradient: "clipped-inputs" | "straight-through";
  readonly decay_factor: number;
  readonly unclipped_frac: number;
}

/** What the crossbars of a matrix last yielded, in its first rows, and where they clip. */
export type Outputs = Pick<StepDecoder, "outputsOf" | "clipsFrom">;

export interface StepGradients {
  /** Forgets the step before. */
  readonly begin: (outputs: Outputs) => void;
  readonly convertInputs: (product: ReversedProduct) => void;
  readonly onProduct: (product: ReversedProduct) => void;
  /** In the order of the trained matrices. */
  readonly of: readonly MatrixGradient[];
}

/** @param multiply dW = dy^T x, tokens along the sum */
export function createStepGradients(
  trained: readonly TrainedMatrix[],
  forward: ForwardOverrides,
  rule: RangeRule,
  multiply: Multiply,
): StepGradients {
  const gradients = trained.map(({ weights, logRanges }) => ({
    weights: new Float32Array(weights.length),
    logRanges: logRanges === null ? null : new Float32Array(logRanges.length),
  }));
  const place = new Map(trained.map(({ matrix }, i) => [matrix.id, i]));
  const levels = trained.map(({ tile }) => levelsIn(trainingTile(tile, forward).inputBits));
  let step: Outputs | null = null;
  const product = createOuterProduct(multiply);
  const forRanges = (
    at: number,
    { rows, matrix: { inputs } }: ReversedProduct,
    visit: (part: Parameters<typeof driven>[1], range: number | null, r: number) => void,
  ): void => {
    const ranges = rangesOf(trained[at]!);
    rowRanges(trained[at]!.blocks).forEach((part, r) => {
      visit({ ...part, rows, inputs }, ranges?.[r] ?? null, r);
    });
  };
  return {
    of: gradients,
    begin: (outputs) => {
      step = outputs;
      for (const { weights, logRanges } of gradients) {
        weights.fill(0);
        logRanges?.fill(0);
      }
    },
    convertInputs: (reversed) => {
      const at = place.get(reversed.matrix.id);
      if (at === undefined) return;
      const { logRanges } = gradients[at]!;
      forRanges(at, reversed, (part, range, r) => {
        if (range === null) return;
        const tally = stopClipped(reversed.x, reversed.dx, part, range);
        if (!rule.learned) return;
        const isWhole = part.rowEnd - part.rowBegin === part.inputs;
        const slope =
          rule.gradient === "straight-through" && isWhole
            ? straightThroughSlope(reversed.dy, step!.outputsOf(reversed.matrix), tally.along)
            : tally.slope;
        const decay = tally.within_frac > rule.unclipped_frac ? rule.decay_factor : 0;
        logRanges![r] = logRanges![r]! + slope + decay - widened(rule, step!, reversed);
      });
    },
    onProduct: (reversed) => {
      const at = place.get(reversed.matrix.id);
      if (at === undefined) return;
      const x = product.room(reversed.x.length);
      forRanges(at, reversed, (part, range) => {
        driven(reversed.x, part, range, levels[at]!, x);
      });
      product.add(reversed, x, gradients[at]!.weights);
    },
  };
}

/** What clipped outputs ask for, where it can be told that they are. */
function widened(rule: RangeRule, step: Outputs, { matrix, rows }: ReversedProduct): number {
  if (rule.output_clipping === "ignored") return 0;
  const from = step.clipsFrom(matrix);
  return from === null ? 0 : widening(tallyOutputs(step.outputsOf(matrix), rows, from), rule);
}

const levelsIn = (bits: number): number => (bits === 0 ? 0 : levelsOfBits(bits));

/** to += dy^T x, on the engine's products. */
function createOuterProduct(multiply: Multiply) {
  let x = new Float32Array(0);
  let left = new Float32Array(0);
  let right = new Float32Array(0);
  let sum = new Float32Array(0);
  return {
    /** For inputs as they are driven. */
    room: (length: number): Float32Array => {
      if (x.length < length) x = new Float32Array(length);
      return x;
    },
    add: (
      { dy, rows, matrix: { outputs, inputs } }: ReversedProduct,
      inputsDriven: Float32Array,
      to: Float32Array,
    ): void => {
      if (left.length < outputs * rows) left = new Float32Array(outputs * rows);
      if (right.length < inputs * rows) right = new Float32Array(inputs * rows);
      if (sum.length < outputs * inputs) sum = new Float32Array(outputs * inputs);
      transpose(dy, rows, outputs, left);
      transpose(inputsDriven, rows, inputs, right);
      multiply(left, outputs, right, inputs, rows, sum);
      for (let i = 0; i < to.length; i++) to[i] = to[i]! + sum[i]!;
    },
  };
}
