import type { LayerOf } from "../../model/network.ts";
import { positionsOf } from "../../model/network-shapes.ts";
import { shardSizes } from "../work.ts";
import { type Field, join, makeField } from "./field.ts";
import { type LayerPlace, multipliedByParts } from "./product-layers.ts";
import type { NetworkTools } from "./tools.ts";

/**
 * Attention of an encoder: every position looks at every other one of its example. Projections go
 * where the placement puts them; scores, softmax and weighted values are work of the digital cores,
 * heads shared out over them, once all positions of the example are there.
 *
 * @source Vaswani et al., arXiv 1706.03762, section 3.2
 */
export function lowerEncoderAttention(
  tools: NetworkTools,
  { heads }: LayerOf<"attention">,
  field: Field,
  { layer, hub, output }: LayerPlace,
): Field {
  const inputs = { ...field, shape: output, hub };
  const projected = multipliedByParts(tools, inputs, layer, ["q", "k", "v"]);
  const positions = positionsOf(output);
  const size = { positions, features: output.features, heads };
  const done = Array.from({ length: field.examples }, (_, example) => {
    const [begin, end] = [example * positions, (example + 1) * positions];
    const all = projected.flatMap(({ ready }) => [...ready.subarray(begin, end)]);
    const token = field.token[end - 1]!;
    return lowerExample(tools, size, join(tools, hub, all, token), token);
  });
  const attended = makeField(field, output, hub, (_, example) => done[example]!);
  return multipliedByParts(tools, attended, layer, ["o"])[0]!;
}

/** @returns the op after which the attention output of one example is in the activation memory */
function lowerExample(
  { context, sink, work }: NetworkTools,
  size: { readonly positions: number; readonly features: number; readonly heads: number },
  there: number,
  token: number,
): number {
  const { positions, features, heads } = size;
  const { activationMemory, activation_B, matmulCores } = context.digital;
  const vector_B = positions * features * activation_B;
  const access = (kind: "read" | "write", bytes: number, before: readonly number[]): number => {
    const opClass = work.memoryClass(activationMemory, kind, bytes);
    const op = work.memory(opClass, activationMemory, token);
    for (const each of before) sink.depend(each, op);
    return op;
  };
  const loaded = access("read", 3 * vector_B, [there]);
  const width = features / heads;
  const ends = shardSizes(heads, matmulCores).map((batch) => {
    const product = (inputs: number, outputs: number): number =>
      work.matmul(work.matmulClass({ batch, tokens: positions, inputs, outputs }), token);
    const scores = product(width, positions);
    const softmax = work.vector(work.vectorClass("softmax", batch * positions ** 2), token);
    const values = product(positions, width);
    sink.depend(loaded, scores);
    sink.depend(scores, softmax);
    sink.depend(softmax, values);
    return values;
  });
  return access("write", vector_B, ends);
}
