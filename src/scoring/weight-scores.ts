/**
 * Scores of experts that need nothing but the weights.
 *
 * Matrices are read in pieces, each is read while the one before it is summed, and none is kept:
 * memory does not grow with the model.
 */
import { type Checkpoint, extentOf } from "../checkpoint/checkpoint.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { ExpertScores } from "../placement/strategy.ts";

/** Weights of a piece: 2 MiB as float32, so that a piece is still in the cache when it is summed. */
const PIECE_WEIGHTS = 2 ** 19;

/** Which weights of the down matrix belong to one neuron. */
export const NEURON_AXES = ["row", "column"] as const;
export type NeuronAxis = (typeof NEURON_AXES)[number];

export type WeightSource = Pick<Checkpoint, "matrixRows"> & Partial<Pick<Checkpoint, "readsWhole">>;

export interface MaxNeuronNormOptions {
  /**
   * `column`: the weights that carry a hidden neuron to all outputs. `row`: those that lead from
   * all hidden neurons to one output.
   */
  readonly downAxis: NeuronAxis;
}

/** Called after each matrix, with matrices read so far and in all. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Max-neuron-norm score of every routed expert: the product, over gate, up and down, of the largest
 * L2 norm of a neuron. Neurons of gate and up are rows of [outputs][inputs].
 *
 * Norms of float32 numbers are below 1e42, so the product of three cannot overflow.
 *
 * @param matrices as `weightMatrices` lists them; those of other modules are skipped
 * @throws InputError if a weight is NaN or infinite
 * @source Chowdhury et al., arXiv 2603.02633 (2026): MaxNNScore. The paper's axis for down is not
 *   known to us, so it is an option.
 */
export async function maxNeuronNormScores(
  checkpoint: WeightSource,
  matrices: readonly WeightMatrix[],
  { downAxis }: MaxNeuronNormOptions,
  onProgress: OnProgress = () => {},
): Promise<ExpertScores> {
  const scores = emptyScores(matrices);
  const experts = matrices.filter(({ module }) => module === "expert");
  let squares = new Float64Array(0);
  await forEachPiece(checkpoint, experts, onProgress, (matrix, rowBegin, rowEnd, values) => {
    const perColumn = matrix.part === "down" && downAxis === "column";
    if (rowBegin === 0) squares = new Float64Array(perColumn ? matrix.inputs : matrix.outputs);
    if (perColumn) addColumnSquares(values, matrix.inputs, squares);
    else addRowSquares(values, matrix.inputs, squares.subarray(rowBegin, rowEnd));
    if (rowEnd < matrix.outputs) return;
    const layer = scores[matrix.layer]!;
    layer[matrix.expert] = (layer[matrix.expert] ?? 1) * Math.sqrt(largest(squares));
  });
  return scores;
}

/**
 * L2 norm of the router's row of every routed expert.
 *
 * @source Baseline of Chowdhury et al., arXiv 2603.02633 (2026).
 */
export async function routerNormScores(
  checkpoint: WeightSource,
  matrices: readonly WeightMatrix[],
  onProgress: OnProgress = () => {},
): Promise<ExpertScores> {
  const scores = emptyScores(matrices);
  const routers = matrices.filter(({ module, part }) => module === "router" && part === "weight");
  await forEachPiece(checkpoint, routers, onProgress, (matrix, rowBegin, rowEnd, values) => {
    const squares = new Float64Array(rowEnd - rowBegin);
    addRowSquares(values, matrix.inputs, squares);
    for (const square of squares) scores[matrix.layer]!.push(Math.sqrt(square));
  });
  return scores;
}

/** How far the scores of a layer are apart: alike scores are no ground for a choice. */
export interface LayerSpread {
  readonly layer: number;
  readonly experts: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** Coefficient of variation: population standard deviation over mean; 0 when all are 0. */
  readonly variation: number;
}

/** The spread of every layer that has experts. */
export const scoreSummary = (scores: ExpertScores): readonly LayerSpread[] =>
  scores.flatMap((layer, index) => (layer.length === 0 ? [] : [spread(layer, index)]));

function spread(values: readonly number[], layer: number): LayerSpread {
  const experts = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / experts;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / experts;
  return {
    layer,
    experts,
    min: Math.min(...values),
    mean,
    max: Math.max(...values),
    variation: mean === 0 ? 0 : Math.sqrt(variance) / mean,
  };
}

/** One empty list a layer. */
export function emptyScores(matrices: readonly WeightMatrix[]): number[][] {
  const layers = matrices.reduce((most, { layer }) => Math.max(most, layer + 1), 0);
  return Array.from({ length: layers }, () => []);
}

interface Piece {
  readonly matrix: WeightMatrix;
  readonly rowBegin: number;
  readonly rowEnd: number;
}

function piecesOf(matrix: WeightMatrix, readsWhole: boolean): readonly Piece[] {
  const { outputs, inputs } = extentOf(matrix);
  const rows = readsWhole ? outputs : Math.max(1, Math.floor(PIECE_WEIGHTS / inputs));
  return Array.from({ length: Math.ceil(outputs / rows) }, (_, i) => ({
    matrix,
    rowBegin: i * rows,
    rowEnd: Math.min((i + 1) * rows, outputs),
  }));
}

/** Hands over the pieces in order; reads one ahead. */
export async function forEachPiece(
  checkpoint: WeightSource,
  matrices: readonly WeightMatrix[],
  onProgress: OnProgress,
  use: (matrix: WeightMatrix, rowBegin: number, rowEnd: number, values: Float32Array) => void,
): Promise<void> {
  const pieces = matrices.flatMap((matrix) =>
    piecesOf(matrix, checkpoint.readsWhole?.(matrix) ?? false),
  );
  const read = (index: number): Promise<Float32Array> | null => {
    const piece = pieces[index];
    if (piece === undefined) return null;
    const values = checkpoint.matrixRows(piece.matrix, piece.rowBegin, piece.rowEnd);
    // A failure is met when the piece's turn comes, not before.
    values.catch(() => {});
    return values;
  };
  let next = read(0);
  let done = 0;
  for (const [index, { matrix, rowBegin, rowEnd }] of pieces.entries()) {
    const values = await next!;
    next = read(index + 1);
    use(matrix, rowBegin, rowEnd, values);
    if (rowEnd === extentOf(matrix).outputs) onProgress(++done, matrices.length);
  }
}

/**
 * Adds the sum of squares of each row; four sums that do not wait for each other.
 *
 * @param values [rows][inputs]
 * @param squares [rows]
 */
function addRowSquares(values: Float32Array, inputs: number, squares: Float64Array): void {
  const whole = inputs - (inputs % 4);
  for (let row = 0; row < squares.length; row++) {
    const begin = row * inputs;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = begin; i < begin + whole; i += 4) {
      a += values[i]! * values[i]!;
      b += values[i + 1]! * values[i + 1]!;
      c += values[i + 2]! * values[i + 2]!;
      d += values[i + 3]! * values[i + 3]!;
    }
    for (let i = begin + whole; i < begin + inputs; i++) a += values[i]! * values[i]!;
    squares[row]! += a + b + (c + d);
  }
}

/** Adds the squares of each row to the sums of the columns, [inputs]; four rows at a time. */
function addColumnSquares(values: Float32Array, inputs: number, squares: Float64Array): void {
  const whole = values.length - (values.length % (4 * inputs));
  for (let begin = 0; begin < whole; begin += 4 * inputs)
    for (let i = 0; i < inputs; i++) {
      const at = begin + i;
      const a = values[at]!;
      const b = values[at + inputs]!;
      const c = values[at + 2 * inputs]!;
      const d = values[at + 3 * inputs]!;
      squares[i]! += a * a + b * b + (c * c + d * d);
    }
  for (let begin = whole; begin < values.length; begin += inputs)
    for (let i = 0; i < inputs; i++) squares[i]! += values[begin + i]! * values[begin + i]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
