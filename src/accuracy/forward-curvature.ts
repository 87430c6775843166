/**
 * What noise in the weights of an expert costs, from forward passes alone: how far the noise moves
 * what the expert adds to the residual stream, times what a move there costs, which is measured by
 * moving it.
 */
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder, DecoderLayer, Linear } from "../transformer/decoder.ts";
import type { Hooks } from "../transformer/hooks.ts";
import { addGateErrors, type ExpertWeights, expertWeights } from "./expert-errors.ts";
import { forEachPrediction } from "./predictions.ts";
import { logProbabilities, scoreWindows } from "./score-text.ts";

/** Standard normal numbers from an address, as engines make them. */
export type FillNormals = (
  out: Float32Array,
  address: {
    readonly seed: number;
    readonly matrix: number;
    readonly block: number;
    readonly purpose: "calibration";
    readonly row: number;
  },
) => void;

export interface ForwardModel {
  readonly decoder: Decoder;
  /** In the order of `weightMatrices(workload)`. */
  readonly weights: readonly Float32Array[];
  readonly fillNormals: FillNormals;
}

/** Moves are this share of the rms of what experts put out: small, so that KL goes with their square. */
const MOVE = 0.1;

/**
 * Curvature score of every routed expert: the KL divergence, in nats a token, that noise of variance
 * 1 would cause in all its weights, in units of the largest weight of their matrix; to second order.
 *
 * One pass that looks at inputs, and one for every layer with experts.
 *
 * @returns [layer][expert]; layers without experts are empty
 */
export function forwardCurvature(
  model: ForwardModel,
  windows: readonly TokenWindow[],
  seed: number,
): number[][] {
  const { decoder } = model;
  const reference = logProbabilities(decoder, windows);
  const { errors, gateSquares, outputSquares, choices } = lookAtExperts(model, windows);
  return errors.map((ofLayer, layer) => {
    if (ofLayer.length === 0) return [];
    const width = decoder.workload.hidden_features;
    const move = MOVE * Math.sqrt(outputSquares[layer]! / (choices[layer]! * width));
    const moved = withMoves(model, layer, move, seed);
    const { kl_sum_nats, predictions } = scoreWindows(moved, windows, { seed, reference });
    const perSquare = kl_sum_nats! / predictions / (gateSquares[layer]! * move ** 2 * width);
    return ofLayer.map((error) => error * perSquare);
  });
}

interface Looks {
  /** Sum over tokens of (gate weight)^2 x expected squared error of the output. [layer][expert] */
  readonly errors: readonly number[][];
  /** Sums over the choices of a layer: gate weights squared, squares of outputs, their number. */
  readonly gateSquares: number[];
  readonly outputSquares: number[];
  readonly choices: number[];
}

function lookAtExperts({ decoder, weights }: ForwardModel, windows: readonly TokenWindow[]): Looks {
  const { workload } = decoder;
  const { experts, active_experts: k } = workload.moe;
  const matrices = weightMatrices(workload);
  const known = expertWeights(matrices, weights);
  const errors = known.map((ofLayer) => ofLayer.map(() => 0));
  const zeros = (): number[] => errors.map(() => 0);
  const looks: Looks = {
    errors,
    gateSquares: zeros(),
    outputSquares: zeros(),
    choices: zeros(),
  };
  // Squares of the gate weights of the rows that go to each expert next, in their order.
  const squares: number[][] = Array.from({ length: experts }, () => []);
  const hooks: Hooks = {
    onRouting: (layer, _rows, chosen, gates) => {
      for (const ofExpert of squares) ofExpert.length = 0;
      for (let i = 0; i < chosen.length; i++) squares[chosen[i]!]!.push(gates[i]! ** 2);
      looks.choices[layer]! += chosen.length;
      looks.gateSquares[layer]! += gates.reduce((sum, gate) => sum + gate * gate, 0);
    },
    onInputs: ({ module, part, layer, expert }, x, rows) => {
      if (module !== "expert" || part === "up") return;
      const own = known[layer]![expert]!;
      const gates = squares[expert]!;
      errors[layer]![expert]! +=
        part === "gate" ? addGateErrors(own, x, rows, gates) : downErrors(own, x, rows, gates);
      if (part === "down") looks.outputSquares[layer]! += sizeOfOutputs(own, x, rows);
    },
  };
  if (k < 1) throw new Error("no expert is active");
  forEachPrediction(decoder, windows, () => {}, hooks);
  return looks;
}

/** Noise of W_down: every output errs by largest^2 |h|^2. */
function downErrors(
  { down, hidden }: ExpertWeights,
  h: Float32Array,
  rows: number,
  gates: readonly number[],
): number {
  const { inputs, outputs, largest } = down;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let j = row * inputs; j < (row + 1) * inputs; j++) square += h[j]! * h[j]!;
    sum += gates[row]! * square;
  }
  if (hidden !== inputs) throw new Error("an expert whose widths differ");
  return sum * largest ** 2 * outputs;
}

/** About |W_down h|^2: as if columns of W_down were orthogonal. Only the size of a move hangs on it. */
function sizeOfOutputs({ downSquares }: ExpertWeights, h: Float32Array, rows: number): number {
  const width = downSquares.length;
  let sum = 0;
  for (let i = 0; i < rows * width; i++) sum += h[i]! * h[i]! * downSquares[i % width]!;
  return sum;
}

/** The decoder with normal noise on what every expert of a layer puts out. */
function withMoves(
  { decoder, fillNormals }: ForwardModel,
  layer: number,
  move: number,
  seed: number,
): Decoder {
  const moved = (linear: Linear): Linear => {
    const { projection, matrix } = linear;
    const noise = new Float32Array(projection.outputs);
    return {
      matrix,
      projection: {
        ...projection,
        apply: (x, rows, rowIds, y) => {
          projection.apply(x, rows, rowIds, y);
          for (let row = 0; row < rows; row++) {
            const address = { seed, matrix: matrix.id, block: 0, row: rowIds[row]! };
            fillNormals(noise, { ...address, purpose: "calibration" });
            const begin = row * noise.length;
            for (let i = 0; i < noise.length; i++) y[begin + i]! += move * noise[i]!;
          }
        },
      },
    };
  };
  const movedLayer = (own: DecoderLayer): DecoderLayer => {
    const { feedForward } = own;
    if (own.index !== layer || feedForward.kind !== "moe") return own;
    const experts = feedForward.experts.map((e) => ({ ...e, down: moved(e.down) }));
    return { ...own, feedForward: { ...feedForward, experts } };
  };
  return { ...decoder, layers: decoder.layers.map(movedLayer) };
}

/** Kind of tile of each matrix when one expert alone is analog, on the first kind; -1: digital. */
export const onlyExpert = (
  matrices: readonly WeightMatrix[],
  layer: number,
  expert: number,
): Int32Array =>
  Int32Array.from(matrices, (m) =>
    m.module === "expert" && m.layer === layer && m.expert === expert ? 0 : -1,
  );
