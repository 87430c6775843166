/** Sizes of what the layers of a network hand on. */
import { unreachable } from "../units/exhaustive.ts";
import type { Network, NetworkLayer } from "./network.ts";

/** Positions in rows and columns, each of so many features. */
export interface FieldShape {
  readonly rows: number;
  readonly cols: number;
  readonly features: number;
}

export const positionsOf = ({ rows, cols }: FieldShape): number => rows * cols;

/** What a layer reads: -1 for the input of the network, else the number of a layer. */
export interface LayerInputs {
  readonly from: number;
  /** Of `add` only. */
  readonly with: number | null;
}

/** Name of what the network reads. */
const INPUT = "input";

/**
 * Resolves the names that layers call each other by.
 *
 * @returns one entry a layer; NaN where a name is not that of an earlier layer
 */
export function layerInputs({ layers }: Pick<Network, "layers">): readonly LayerInputs[] {
  const numbers = new Map<string, number>([[INPUT, -1]]);
  return layers.map((layer, number) => {
    const numberOf = (name: string): number => numbers.get(name) ?? Number.NaN;
    const inputs = {
      from: layer.from === undefined ? number - 1 : numberOf(layer.from),
      with: layer.kind === "add" ? numberOf(layer.with) : null,
    };
    numbers.set(layer.name, number);
    return inputs;
  });
}

/**
 * Output of each layer.
 *
 * @param input replaces that of the file, for streams of several positions
 */
export function layerShapes(
  network: Pick<Network, "layers" | "input">,
  input: FieldShape = network.input,
): readonly FieldShape[] {
  const inputs = layerInputs(network);
  const shapes: FieldShape[] = [];
  network.layers.forEach((layer, i) => {
    const { from } = inputs[i]!;
    shapes.push(outputShape(layer, from < 0 ? input : shapes[from]!));
  });
  return shapes;
}

/** What a layer makes of an input; sizes below 1 where a window is larger than what it is on. */
export function outputShape(layer: NetworkLayer, x: FieldShape): FieldShape {
  switch (layer.kind) {
    case "conv": {
      const { kernel_rows, stride_rows, padding_rows, features } = layer;
      const side = (length: number) => windows(length + 2 * padding_rows, kernel_rows, stride_rows);
      return { rows: side(x.rows), cols: side(x.cols), features };
    }
    case "pool": {
      const side = (length: number) => windows(length, layer.window_rows, layer.stride_rows);
      return { rows: side(x.rows), cols: side(x.cols), features: x.features };
    }
    case "linear":
    case "lstm":
    case "embedding":
      return { ...x, features: layer.features };
    case "attention":
    case "elementwise":
    case "add":
      return x;
    case "global-mean":
      return { rows: 1, cols: 1, features: x.features };
    case "flatten":
      return { rows: 1, cols: 1, features: positionsOf(x) * x.features };
    default:
      return unreachable(layer);
  }
}

const windows = (length: number, window: number, stride: number): number =>
  Math.floor((length - window) / stride) + 1;
