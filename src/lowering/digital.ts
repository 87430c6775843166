import { type Delivery, ONE_EXIT, type ProductContext } from "./context.ts";
import type { Sink } from "./sink.ts";
import { type DigitalWork, shardSizes } from "./work.ts";

/**
 * Wx for all tokens of a group at once: weights come once from where they live, while the columns,
 * shared out over the cores, are computed; results are there when both are done.
 *
 * @param ready ops that bring the inputs. [tokens]
 */
export function digitalProduct(
  tools: { readonly context: ProductContext; readonly sink: Sink; readonly work: DigitalWork },
  matrix: number,
  ready: Int32Array,
): Delivery {
  const { context, sink, work } = tools;
  const { inputs, outputs } = context.matrices[matrix]!;
  const { weightMemory, activationMemory, weight_B, activation_B } = context.digital;
  const tokens = ready.length;
  const access = (memory: number, kind: "read" | "write", bytes: number): number =>
    work.memory(work.memoryClass(memory, kind, bytes), memory, -1);
  const fetch = access(weightMemory, "read", inputs * outputs * weight_B);
  const load = access(activationMemory, "read", tokens * inputs * activation_B);
  for (let i = 0; i < tokens; i++) {
    sink.depend(ready[i]!, fetch);
    sink.depend(ready[i]!, load);
  }
  const shards = multiply(tools, { tokens, inputs, outputs });
  const store = access(activationMemory, "write", tokens * outputs * activation_B);
  for (const shard of shards) {
    sink.depend(load, shard);
    sink.depend(shard, store);
  }
  sink.depend(fetch, store);
  return { exits: ONE_EXIT, base: new Int32Array(tokens).fill(store) };
}

/** The arithmetic, one op for each core that gets a part of the columns. */
function multiply(
  { context, work }: { readonly context: ProductContext; readonly work: DigitalWork },
  {
    tokens,
    inputs,
    outputs,
  }: { readonly tokens: number; readonly inputs: number; readonly outputs: number },
): readonly number[] {
  const { matmulCores, shardOutputs } = context.digital;
  const cores = Math.min(matmulCores, Math.ceil(outputs / shardOutputs));
  return shardSizes(outputs, cores).map((part) =>
    work.matmul(work.matmulClass({ batch: 1, tokens, inputs, outputs: part }), -1),
  );
}
