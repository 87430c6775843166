/** The decoder of one training step, its way back included. */
import { type WeightMatrix, weightMatrices } from "../../model/matrix.ts";
import type { Workload } from "../../model/workload.ts";
import type { AnalogMatrix, Projection } from "../../numerics/engine.ts";
import type { DisposableProjection, ReusableEngine } from "../../numerics/engines/reusable.ts";
import { createPeripheryProjection } from "../../numerics/periphery/projection.ts";
import { assembleDecoder, type ModelWeights } from "../../transformer/assemble.ts";
import { transpose } from "../../transformer/backward-tools.ts";
import type { Decoder } from "../../transformer/decoder.ts";
import { clipsFrom } from "../input-ranges.ts";
import { trainingTile } from "../step-matrix.ts";
import { noisyMatrix, type StepNoise } from "./noisy-matrix.ts";
import type { TrainedMatrix } from "./parameters.ts";

/** Projections of a step; gone with `dispose`. */
export interface StepDecoder {
  readonly decoder: Decoder;
  /**
   * W^T y with the step's noisy weights, without converters and their noise: the gradient goes
   * straight through those.
   *
   * @source AIHWKIT 1.1.0 and AIHWKIT-Lightning 2.0.1: the modified weights of a batch serve its
   *   forward and its backward pass; the backward pass is otherwise exact.
   */
  readonly transposed: (matrix: WeightMatrix) => Projection;
  /** What a trained matrix last yielded, in its first rows: [rows][outputs]. */
  readonly outputsOf: (matrix: WeightMatrix) => Float32Array;
  /** From where on outputs of a trained matrix are clipped, [outputs]; null: nobody can tell. */
  readonly clipsFrom: (matrix: WeightMatrix) => Float32Array | null;
  readonly dispose: () => void;
}

/** Matrices that stay digital are packed once, for all steps. */
export interface StepDecoders {
  /** As trained on: crossbars with the noise of the step. */
  readonly noisy: (noise: StepNoise) => StepDecoder;
  /** The model as it came, all-digital. */
  readonly digital: Decoder;
  readonly dispose: () => void;
}

export function createStepDecoders(
  workload: Workload,
  weights: ModelWeights,
  trained: readonly TrainedMatrix[],
  engine: ReusableEngine,
): StepDecoders {
  const matrices = weightMatrices(workload);
  const byId = new Map(trained.map((t) => [t.matrix.id, t]));
  const outputs = new Map<number, Float32Array>();
  const kept: DisposableProjection[] = [];
  const keep = (projection: DisposableProjection): Projection => {
    kept.push(projection);
    return projection;
  };
  const straight = lazily(({ id, outputs, inputs }) =>
    keep(engine.digital(weights.matrices[id]!, outputs, inputs)),
  );
  const turned = lazily(({ id, outputs, inputs }) =>
    keep(engine.digital(transposeOf(weights.matrices[id]!, outputs, inputs), inputs, outputs)),
  );
  return {
    digital: assembleDecoder(workload, weights, straight, engine.attend),
    noisy: (noise) => {
      const step = matrices.map(({ id }) => {
        const own = byId.get(id);
        return own === undefined ? null : stepProducts(own, noise, engine, outputs);
      });
      const forward = (matrix: WeightMatrix) => step[matrix.id]?.forward ?? straight(matrix);
      return {
        decoder: assembleDecoder(workload, weights, forward, engine.attend),
        outputsOf: ({ id }) => outputs.get(id)!,
        clipsFrom: ({ id }) => step[id]?.clipsFrom() ?? null,
        transposed: (matrix) => step[matrix.id]?.back ?? turned(matrix),
        dispose: () => {
          for (const products of step) products?.dispose();
        },
      };
    },
    dispose: () => {
      for (const projection of kept) projection.dispose();
    },
  };
}

/** Keeps a copy of the last result of each matrix. */
function remembering(
  projection: Projection,
  id: number,
  outputs: Map<number, Float32Array>,
): Projection {
  return {
    ...projection,
    apply: (x, rows, rowIds, y) => {
      projection.apply(x, rows, rowIds, y);
      const used = y.subarray(0, rows * projection.outputs);
      const room = outputs.get(id);
      if (room === undefined || room.length < used.length) outputs.set(id, used.slice());
      else room.set(used);
    },
  };
}

function lazily(make: (matrix: WeightMatrix) => Projection): (matrix: WeightMatrix) => Projection {
  const made = new Map<number, Projection>();
  return (matrix) => {
    const known = made.get(matrix.id);
    if (known !== undefined) return known;
    const projection = make(matrix);
    made.set(matrix.id, projection);
    return projection;
  };
}

function transposeOf(weights: Float32Array, outputs: number, inputs: number): Float32Array {
  const turned = new Float32Array(weights.length);
  transpose(weights, outputs, inputs, turned);
  return turned;
}

/** @param outputs receives what the matrix yields */
function stepProducts(
  trained: TrainedMatrix,
  noise: StepNoise,
  engine: ReusableEngine,
  outputs: Map<number, Float32Array>,
) {
  const noisy = noisyMatrix(trained, noise, engine);
  const { periphery } = trainingTile(trained.tile, noise.forward).numerics;
  const forward: DisposableProjection =
    periphery === undefined
      ? engine.analog(noisy)
      : { ...createPeripheryProjection(noisy, periphery), dispose: () => {} };
  const back = engine.digital(heldTransposed(noisy), noisy.inputs, noisy.outputs);
  return {
    forward: remembering(forward, trained.matrix.id, outputs),
    back,
    clipsFrom: () => clippedFrom(noisy),
    dispose: () => {
      forward.dispose();
      back.dispose();
    },
  };
}

/** Outputs of several row ranges are seen as their sum only, and dynamic ranges change by the row. */
export function clippedFrom({ blocks, inputs, outputs, periphery }: AnalogMatrix) {
  const { outputBound, outputLevels } = periphery;
  const isOneRange = blocks.every(
    ({ rowBegin, rowEnd, inputRange }) => rowBegin === 0 && rowEnd === inputs && inputRange > 0,
  );
  if (outputBound === 0 || !isOneRange) return null;
  const from = new Float32Array(outputs);
  for (const { colBegin, scale, inputRange } of blocks)
    scale.forEach((s, c) => {
      from[colBegin + c] = s * inputRange * clipsFrom(outputBound, outputLevels);
    });
  return from;
}

/** What the blocks hold, in units of the matrix, [inputs][outputs]. */
export function heldTransposed({ blocks, inputs, outputs }: AnalogMatrix): Float32Array {
  const held = new Float32Array(inputs * outputs);
  for (const { rowBegin, rowEnd, colBegin, colEnd, weights, scale } of blocks) {
    const rows = rowEnd - rowBegin;
    for (let c = 0; c < colEnd - colBegin; c++) {
      const factor = scale[c]!;
      const to = rowBegin * outputs + colBegin + c;
      for (let k = 0; k < rows; k++) held[to + k * outputs] = factor * weights[c * rows + k]!;
    }
  }
  return held;
}
