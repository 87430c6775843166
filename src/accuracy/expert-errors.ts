/** How noise in the weights of a gated expert moves its output. */
import type { WeightMatrix } from "../model/matrix.ts";

/** A matrix with its largest |w|, the unit of its noise. */
interface SizedMatrix {
  readonly weights: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
  readonly largest: number;
}

export interface ExpertWeights {
  readonly gate: SizedMatrix;
  readonly up: SizedMatrix;
  readonly down: SizedMatrix;
  /** Width between up and down. */
  readonly hidden: number;
  /** Squared norm of every column of W_down. [hidden] */
  readonly downSquares: Float64Array;
}

/** The routed experts, [layer][expert]. */
export function expertWeights(
  matrices: readonly WeightMatrix[],
  weights: readonly Float32Array[],
): readonly (readonly ExpertWeights[])[] {
  const layers = matrices.reduce((most, { layer }) => Math.max(most, layer + 1), 0);
  const result: ExpertWeights[][] = Array.from({ length: layers }, () => []);
  for (const { id, module, part, layer, expert } of matrices) {
    if (module !== "expert" || part !== "gate") continue;
    const [gate, up, down] = [id, id + 1, id + 2].map((i) => sized(matrices[i]!, weights[i]!));
    result[layer]![expert] = {
      gate: gate!,
      up: up!,
      down: down!,
      hidden: gate!.outputs,
      downSquares: columnSquares(down!),
    };
  }
  return result;
}

function sized({ inputs, outputs }: WeightMatrix, weights: Float32Array): SizedMatrix {
  let largest = 0;
  for (let i = 0; i < weights.length; i++) largest = Math.max(largest, Math.abs(weights[i]!));
  return { weights, inputs, outputs, largest };
}

function columnSquares({ weights, inputs }: SizedMatrix): Float64Array {
  const squares = new Float64Array(inputs);
  for (let i = 0; i < weights.length; i++) squares[i % inputs]! += weights[i]! ** 2;
  return squares;
}

function product({ weights, inputs }: SizedMatrix, neuron: number, x: Float32Array, at: number) {
  let sum = 0;
  for (let i = 0; i < inputs; i++) sum += weights[neuron * inputs + i]! * x[at + i]!;
  return sum;
}

/**
 * Expected squared error of the outputs from noise of W_gate and W_up, each of variance largest^2
 * a weight, to first order: y = W_down (silu(g) u) moves by W_down (silu'(g) u dg + silu(g) du).
 *
 * @param x inputs of the expert, [rows][inputs]
 * @param factors of every row
 * @returns sum over rows
 */
export function addGateErrors(
  { gate, up, hidden, downSquares }: ExpertWeights,
  x: Float32Array,
  rows: number,
  factors: readonly number[],
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * gate.inputs;
    let square = 0;
    for (let i = at; i < at + gate.inputs; i++) square += x[i]! * x[i]!;
    let error = 0;
    for (let j = 0; j < hidden; j++) {
      const g = product(gate, j, x, at);
      const u = product(up, j, x, at);
      const sigmoid = 1 / (1 + Math.exp(-g));
      const slope = sigmoid * (1 + g * (1 - sigmoid));
      const byGate = (u * slope * gate.largest) ** 2;
      const byUp = (g * sigmoid * up.largest) ** 2;
      error += downSquares[j]! * (byGate + byUp);
    }
    sum += factors[row]! * square * error;
  }
  return sum;
}
