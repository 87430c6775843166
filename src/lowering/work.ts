import { balancedCuts } from "../mapping/split.ts";
import type { VectorFunction } from "../model/op.ts";
import type { Delivery, ProductContext } from "./context.ts";
import type { Sink } from "./sink.ts";

/** Adds single ops of the digital part. Kinds of ops are looked up once, then stamped per token. */
export interface DigitalWork {
  readonly vectorClass: (fn: VectorFunction, elements: number) => number;
  readonly vector: (opClass: number, token: number) => number;
  readonly memoryClass: (memory: number, access: "read" | "write", bytes: number) => number;
  /** Keys and values, in the memory that holds the cache. */
  readonly kvClass: (access: "read" | "write", bytes: number) => number;
  readonly memory: (opClass: number, memory: number, token: number) => number;
  readonly matmulClass: (m: Matmul) => number;
  readonly matmul: (opClass: number, token: number) => number;
  /** `op` waits for result i. */
  readonly await: (delivery: Delivery, i: number, op: number) => void;
}

export interface Matmul {
  readonly batch: number;
  readonly tokens: number;
  readonly inputs: number;
  readonly outputs: number;
}

export function createDigitalWork(context: ProductContext, sink: Sink): DigitalWork {
  const { digital, ops, resources } = context;
  const vectorResource = resources.ofCore(digital.vectorCore);
  const matmulResource = resources.ofCore(digital.matmulCore);
  return {
    vectorClass: (fn, elements) =>
      ops.classOf({ kind: "vector", core: digital.vectorCore, fn, elements }),
    vector: (opClass, token) => sink.add(opClass, vectorResource, token),
    memoryClass: (memory, access, bytes) =>
      ops.classOf({ kind: "memory", memory, access, bytes: Math.ceil(bytes) }),
    kvClass: (access, bytes) =>
      ops.classOf({
        kind: "memory",
        memory: context.kvMemory,
        access,
        bytes: Math.ceil(bytes),
        holds: "kv",
      }),
    memory: (opClass, memory, token) => sink.add(opClass, resources.ofMemory(memory), token),
    matmulClass: ({ batch, tokens, inputs, outputs }) =>
      ops.classOf({ kind: "matmul", core: digital.matmulCore, batch, tokens, inputs, outputs }),
    matmul: (opClass, token) => sink.add(opClass, matmulResource, token),
    await: ({ exits, base }, i, op) => {
      for (let e = 0; e < exits.length; e++) sink.depend(base[i]! + exits[e]!, op);
    },
  };
}

/** Sizes of the parts when `total` columns or heads are spread over up to `cores` cores. */
export function shardSizes(total: number, cores: number): readonly number[] {
  const cuts = balancedCuts(total, Math.ceil(total / Math.min(total, cores)));
  return cuts.slice(1).map((end, i) => end - cuts[i]!);
}
