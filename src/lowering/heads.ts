import type { Workload } from "../model/workload.ts";
import type { Delivery, TokenGroup } from "./context.ts";
import { attendedTokens, kvFeatures } from "./room.ts";
import type { Tools } from "./tools.ts";
import { type Matmul, shardSizes } from "./work.ts";

/** Sizes of the work of one token's heads, whatever the kind of attention. */
interface HeadShape {
  /** Elements of query and key that are rotated. */
  readonly ropeElements: number;
  readonly queryFeatures: number;
  readonly outputFeatures: number;
  /** Parts of the heads, one for each core that takes some. */
  readonly shards: readonly HeadShard[];
}

interface HeadShard {
  readonly heads: number;
  readonly scores: (tokens: number) => Matmul;
  readonly values: (tokens: number) => Matmul;
}

/** Query heads that share a key head are rows of one product; MLA's heads all share one. */
function headShape({ attention }: Pick<Workload, "attention">, cores: number): HeadShape {
  if (attention.kind === "heads") {
    const { heads, kv_heads, head_features } = attention;
    const perKv = heads / kv_heads;
    return {
      ropeElements: (heads + kv_heads) * head_features,
      queryFeatures: heads * head_features,
      outputFeatures: heads * head_features,
      shards: shardSizes(kv_heads, cores).map((batch) => ({
        heads: batch * perKv,
        scores: (n) => ({ batch, tokens: perKv, inputs: head_features, outputs: n }),
        values: (n) => ({ batch, tokens: perKv, inputs: n, outputs: head_features }),
      })),
    };
  }
  const { heads, kv_lora_features, nope_features, rope_features, value_features } = attention;
  return {
    ropeElements: (heads + 1) * rope_features,
    queryFeatures: heads * (nope_features + rope_features),
    outputFeatures: heads * value_features,
    shards: shardSizes(heads, cores).map((part) => ({
      heads: part,
      scores: (n) => ({
        batch: 1,
        tokens: part,
        inputs: kv_lora_features + rope_features,
        outputs: n,
      }),
      values: (n) => ({ batch: 1, tokens: part, inputs: n, outputs: kv_lora_features }),
    })),
  };
}

/** Classes of the ops whose size depends on how many tokens are looked at. */
interface LengthClasses {
  readonly read: number;
  readonly scores: readonly number[];
  readonly softmax: readonly number[];
  readonly values: readonly number[];
}

/**
 * Position, KV cache and heads of every token.
 *
 * Keys and values of a sequence are appended in the order of its tokens, so a token that has
 * written its own finds those of all tokens before it.
 *
 * @returns the op after which a token's attention output is in the activation memory. [tokens]
 */
export function lowerHeads(
  tools: Tools,
  layer: number,
  group: TokenGroup,
  arrivals: readonly Delivery[],
): Int32Array {
  const { context, sink, work } = tools;
  const { workload, digital, kvMemory } = context;
  const shape = headShape(workload, digital.matmulCores);
  const { activationMemory, activation_B } = digital;
  const rope = work.vectorClass("rope", shape.ropeElements);
  const write = work.kvClass("write", kvFeatures(workload) * activation_B);
  const load = work.memoryClass(activationMemory, "read", shape.queryFeatures * activation_B);
  const store = work.memoryClass(activationMemory, "write", shape.outputFeatures * activation_B);
  const classesFor = createLengthClasses(tools, shape);
  const append = createAppend(tools, group);
  const done = new Int32Array(group.tokens);
  for (let t = 0; t < group.tokens; t++) {
    const classes = classesFor(attendedTokens(workload, layer, group.length[t]!));
    const roped = work.vector(rope, t);
    for (const arrival of arrivals) work.await(arrival, t, roped);
    const turn = append(roped, t);
    const written = work.memory(write, kvMemory, t);
    const read = work.memory(classes.read, kvMemory, t);
    const loaded = work.memory(load, activationMemory, t);
    sink.depend(turn, written);
    sink.depend(written, read);
    sink.depend(roped, loaded);
    done[t] = lowerShards(tools, shape, classes, { read, loaded, store, token: t });
  }
  return done;
}

/** Scores, softmax and weighted values of each shard of the heads; then the store. */
function lowerShards(
  { context, sink, work }: Tools,
  { shards }: HeadShape,
  classes: LengthClasses,
  at: {
    readonly read: number;
    readonly loaded: number;
    readonly store: number;
    readonly token: number;
  },
): number {
  const ends: number[] = [];
  for (let s = 0; s < shards.length; s++) {
    const scores = work.matmul(classes.scores[s]!, at.token);
    const softmax = work.vector(classes.softmax[s]!, at.token);
    const values = work.matmul(classes.values[s]!, at.token);
    sink.depend(at.read, scores);
    sink.depend(at.loaded, scores);
    sink.depend(scores, softmax);
    sink.depend(softmax, values);
    ends.push(values);
  }
  const stored = work.memory(at.store, context.digital.activationMemory, at.token);
  for (const end of ends) sink.depend(end, stored);
  return stored;
}

function createLengthClasses(
  { context, work }: Tools,
  { shards }: HeadShape,
): (tokens: number) => LengthClasses {
  const { workload, digital } = context;
  const sinks = workload.attention.kind === "heads" && workload.attention.sinks ? 1 : 0;
  const known = new Map<number, LengthClasses>();
  return (tokens) => {
    const found = known.get(tokens);
    if (found !== undefined) return found;
    const read_B = tokens * kvFeatures(workload) * digital.activation_B;
    const made = {
      read: work.kvClass("read", read_B),
      scores: shards.map((shard) => work.matmulClass(shard.scores(tokens))),
      softmax: shards.map((s) => work.vectorClass("softmax", s.heads * (tokens + sinks))),
      values: shards.map((shard) => work.matmulClass(shard.values(tokens))),
    };
    known.set(tokens, made);
    return made;
  };
}

/**
 * Takes turns: a token appends to the cache after its own position is in and the token before it
 * has had its turn. The turn itself is a message over no link: no time, no energy.
 */
function createAppend(
  { context, sink }: Tools,
  group: TokenGroup,
): (roped: number, token: number) => number {
  if (!group.isPrefill) return (roped) => roped;
  const { ops, routes, layers } = context;
  const opClass = ops.classOf({ kind: "message", bytes: 0 });
  const resource = ~routes.treeOf(layers[0]!.hub, []);
  const lastTurn = new Map<number, number>();
  return (roped, token) => {
    const turn = sink.add(opClass, resource, token);
    sink.depend(roped, turn);
    const before = lastTurn.get(group.sequence[token]!);
    if (before !== undefined) sink.depend(before, turn);
    lastTurn.set(group.sequence[token]!, turn);
    return turn;
  };
}
