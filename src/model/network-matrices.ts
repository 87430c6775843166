/** The weight matrices of a network, in the fixed order that placement and mapping share. */
import type { Module, Part, WeightMatrix } from "./matrix.ts";
import type { Network, NetworkLayer } from "./network.ts";
import { type FieldShape, layerInputs, layerShapes, positionsOf } from "./network-shapes.ts";

/** [module, part, inputs, outputs, copies] of the matrices of one layer; `x` is what it reads. */
type MatrixShape = readonly [Module, Part, inputs: number, outputs: number, copies: number];

function matricesOf(layer: NetworkLayer, x: FieldShape): readonly MatrixShape[] {
  switch (layer.kind) {
    case "conv": {
      const inputs = layer.kernel_rows ** 2 * x.features;
      return [["conv", "weight", inputs, layer.features, layer.copies ?? 1]];
    }
    case "linear":
      return [["linear", "weight", x.features, layer.features, layer.copies ?? 1]];
    case "lstm":
      return [
        ["lstm", "input", x.features, 4 * layer.features, 1],
        ["lstm", "recurrent", layer.features, 4 * layer.features, 1],
      ];
    case "attention":
      return (["q", "k", "v", "o"] as const).map((part) => [
        "attention",
        part,
        x.features,
        x.features,
        layer.copies ?? 1,
      ]);
    case "embedding":
      return [["embedding", "weight", layer.vocabulary_tokens, layer.features, 1]];
    default:
      return [];
  }
}

/** A weight matrix of a network. */
export interface NetworkMatrix extends WeightMatrix {
  /** 0 for the first, or only, copy of the weights. */
  readonly copy: number;
}

/** Lists every weight matrix, layer by layer, copies one after the other. */
export function networkMatrices(network: Network): readonly NetworkMatrix[] {
  const inputs = layerInputs(network);
  const shapes = layerShapes(network);
  const matrices: NetworkMatrix[] = [];
  network.layers.forEach((own, layer) => {
    const { from } = inputs[layer]!;
    const x = from < 0 ? network.input : shapes[from]!;
    for (const [module, part, rows, cols, copies] of matricesOf(own, x))
      for (let copy = 0; copy < copies; copy++)
        matrices.push({
          id: matrices.length,
          module,
          part,
          layer,
          expert: -1,
          inputs: rows,
          outputs: cols,
          copy,
        });
  });
  return matrices;
}

/** How often one example uses each matrix: a convolution once for every position. [matrices] */
export function usesPerExample(
  network: Network,
  matrices: readonly NetworkMatrix[],
): readonly number[] {
  const shapes = layerShapes(network);
  const copiesOf = new Map<string, number>();
  const key = ({ layer, part }: NetworkMatrix): string => `${layer} ${part}`;
  for (const matrix of matrices) copiesOf.set(key(matrix), matrix.copy + 1);
  return matrices.map((matrix) => {
    const positions = positionsOf(shapes[matrix.layer]!);
    const copies = copiesOf.get(key(matrix))!;
    return Math.floor((positions + copies - 1 - matrix.copy) / copies);
  });
}
