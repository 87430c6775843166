import { positionsOf } from "../../model/network-shapes.ts";
import { arrived, type Field, join } from "./field.ts";
import type { LayerPlace } from "./product-layers.ts";
import type { NetworkTools } from "./tools.ts";

/**
 * A long short-term memory: the positions of a sequence are steps. Inputs are multiplied as they
 * come; the state of the step before is multiplied before the step can go on, so the steps of one
 * layer follow one another, while layers and sequences overlap.
 *
 * The state stays with the vector cores; what the first step finds costs nothing to fetch.
 *
 * @source Hochreiter & Schmidhuber, Neural Computation 9, 1997
 */
export function lowerLstm(
  tools: NetworkTools,
  field: Field,
  { layer, hub, output }: LayerPlace,
): Field {
  const { context, sink, work, products } = tools;
  const { examples, token } = field;
  const [input, recurrent] = context.matrices.filter((each) => each.layer === layer);
  const cell = work.vectorClass("lstm-cell", output.features);
  const steps = positionsOf(output);
  const driven = products.product(input!.id, hub, { tokens: token, ready: field.ready });
  const states = new Int32Array(examples * steps).fill(join(tools, hub, [], -1));
  const sequences = Int32Array.from({ length: examples }, (_, example) => example);
  for (let step = 0; step < steps; step++) {
    const at = sequences.map((example) => example * steps + step);
    const tokens = at.map((i) => token[i]!);
    const ready = at.map((i) => states[step === 0 ? i : i - 1]!);
    const fed = products.product(recurrent!.id, hub, { tokens, ready });
    at.forEach((i, example) => {
      const before = [
        arrived(tools, driven, i, hub, token[i]!),
        arrived(tools, fed, example, hub, token[i]!),
      ];
      states[i] = work.vector(cell, token[i]!);
      for (const op of before) sink.depend(op, states[i]!);
    });
  }
  return { ...field, shape: output, hub, ready: states };
}
