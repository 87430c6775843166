import type { Price } from "../../../src/model/op.ts";
import type { OpGraph } from "../../../src/timing/graph.ts";
import { plainGraph } from "../plain-graph.ts";
import type { DecoderShape, Placed, PlacedDecoder, PlacedLayer } from "./decoder.ts";

/** What the simulator's decoder is made of. */
export const KINDS = ["mvm", "transfer", "add", "norm", "relu", "attention", "sample"] as const;
export type Kind = (typeof KINDS)[number];

export interface Run {
  /** Tokens of each sequence that pass through the layers together. */
  readonly tokens: number;
  readonly sequences: number;
  /** Passes in a row; those after the first are of one token each, with a KV cache. */
  readonly steps: number;
  /** Uniform in (0, 1): draws the experts. */
  readonly dice: () => number;
}

export interface Lowered {
  readonly graph: OpGraph;
  readonly counts: Readonly<Record<Kind, number>>;
}

interface Node {
  readonly kind: Kind;
  readonly tile: number;
  readonly sequence: number;
  readonly token: number;
  readonly after: readonly number[];
}

/** Where the next nodes belong. */
interface Place {
  readonly sequence: number;
  readonly token: number;
}

/**
 * Lowers the decoder to the simulator's dependency graph, for our timing kernel.
 *
 * One op per MVM, per addition of 512 results, per transfer. A result of an MVM is sent once, the
 * inputs of each MVM are sent to it. Experts do not wait for the router, the combination does:
 * that is how the simulator's graph comes out. Transfers take their time and nothing else.
 * Ready ops are served in the order of sequence, token, readiness.
 *
 * The graph is that of github IBM/3D-CiM-LLM-Inference-Simulator, read and written anew.
 */
export function lowerDecoder(
  shape: DecoderShape,
  decoder: PlacedDecoder,
  prices: Readonly<Record<Kind, Price>>,
  servers: Servers,
  run: Run,
): Lowered {
  const nodes: Node[] = [];
  for (let sequence = 0; sequence < run.sequences; sequence++) {
    let sampled: number | undefined;
    for (let step = 0; step < run.steps; step++) {
      const tokens = step === 0 ? run.tokens : 1;
      sampled = addPass(nodes, shape, decoder, { sequence, tokens, sampled, dice: run.dice });
    }
  }
  return { graph: graphOf(nodes, prices, servers), counts: countKinds(nodes) };
}

interface Pass {
  readonly sequence: number;
  readonly tokens: number;
  readonly sampled: number | undefined;
  readonly dice: () => number;
}

/** @returns the op that samples the next token */
function addPass(nodes: Node[], shape: DecoderShape, decoder: PlacedDecoder, pass: Pass): number {
  const builder = createBuilder(nodes);
  const { sequence, tokens, sampled, dice } = pass;
  const at = (token: number): Place => ({ sequence, token });
  const each = Array.from({ length: tokens }, (_, token) => token);
  let residual = each.map((token) => builder.embed(decoder.embedding, at(token), sampled));
  let input = residual;
  decoder.layers.forEach((layer, index) => {
    const isLast = index + 1 === decoder.layers.length;
    const projected = each.flatMap((token) =>
      layer.qkv.flatMap((matrix) => builder.linear(matrix, input[token]!, at(token))),
    );
    const attention = builder.add("attention", at(0), projected);
    residual = each.map((token) =>
      addTail(builder, shape, layer, {
        attention,
        residual: residual[token]!,
        at: at(token),
        dice,
      }),
    );
    input = isLast ? residual : each.map((t) => builder.add("norm", at(t), [residual[t]!]));
  });
  const last = at(tokens - 1);
  const logits = builder.linear(
    decoder.head,
    builder.add("norm", last, [input[tokens - 1]!]),
    last,
  );
  return builder.add("sample", last, [builder.add("transfer", last, logits)]);
}

interface Tail {
  readonly attention: number;
  readonly residual: number;
  readonly at: Place;
  readonly dice: () => number;
}

/** From attention to the end of the layer, for one token. */
function addTail(builder: Builder, shape: DecoderShape, layer: PlacedLayer, tail: Tail): number {
  const { attention, residual, at, dice } = tail;
  const projected = builder.linear(layer.out, attention, at);
  const middle = builder.add("add", at, [...projected, residual]);
  const normed = builder.add("norm", at, [middle]);
  const weights = layer.router === undefined ? [] : builder.linear(layer.router, normed, at);
  const chosen = shape.experts === 0 ? [0] : draw(shape.experts, shape.active_experts, dice);
  const outputs = chosen.map((expert) => {
    const { up, down } = layer.experts[expert]!;
    const hidden = builder.add("relu", at, builder.linear(up, normed, at));
    return builder.linear(down, hidden, at);
  });
  let combined = outputs[0]!;
  for (const output of outputs.slice(1))
    combined = [builder.add("add", at, [combined, output, weights].flat())];
  return builder.add("add", at, [...combined, middle]);
}

function draw(experts: number, active: number, dice: () => number): number[] {
  const left = Array.from({ length: experts }, (_, expert) => expert);
  return Array.from({ length: active }, () => left.splice(Math.floor(dice() * left.length), 1)[0]!);
}

type Builder = ReturnType<typeof createBuilder>;

function createBuilder(nodes: Node[]) {
  const add = (kind: Kind, at: Place, after: readonly number[], tile = -1): number =>
    nodes.push({ kind, tile, ...at, after }) - 1;

  const mvm = (tile: number, at: Place, after: readonly number[]): number =>
    add("transfer", at, [add("mvm", at, after, tile)]);

  /** @returns the ops that give the parts of the output, one per column of blocks */
  const linear = ({ down, across, tiles }: Placed, input: number, at: Place): number[] => {
    const parts = tiles.map((tile) => mvm(tile, at, [add("transfer", at, [input])]));
    return Array.from({ length: across }, (_, j) => {
      let sum = parts[j]!;
      for (let i = 1; i < down; i++) sum = add("add", at, [sum, parts[i * across + j]!]);
      return sum;
    });
  };

  /** The row of a token, read out, and its position added. */
  const embed = ({ across, tiles }: Placed, at: Place, sampled: number | undefined): number => {
    const input = (): number[] => (sampled === undefined ? [] : [add("transfer", at, [sampled])]);
    return add(
      "add",
      at,
      tiles.slice(0, across).map((tile) => mvm(tile, at, input())),
    );
  };

  return { add, linear, embed };
}

function countKinds(nodes: readonly Node[]): Record<Kind, number> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of nodes) counts[kind]++;
  return counts;
}

interface Servers {
  readonly tiles: number;
  readonly digital: number;
  readonly attention: number;
}

/** Columns of the graph; ops are numbered in the order of service. */
function graphOf(
  nodes: readonly Node[],
  prices: Readonly<Record<Kind, Price>>,
  servers: Servers,
): OpGraph {
  const order = orderOfService(nodes, prices);
  const idOf = new Int32Array(nodes.length);
  order.forEach((node, id) => {
    idOf[node] = id;
  });
  const { tiles, digital, attention } = servers;
  return plainGraph({
    ops: order.map((node) => {
      const { kind, tile, after } = nodes[node]!;
      const { duration_ps, tail_ps } = prices[kind];
      // A message on a route without links waits for its tail only.
      const waits_ps = kind === "transfer" ? duration_ps : tail_ps;
      return {
        duration_ps,
        tail_ps: waits_ps,
        resource: resourceOf(kind, tile, tiles),
        after: after.map((before) => idOf[before]!),
      };
    }),
    servers: Int32Array.of(...new Array<number>(tiles).fill(1), digital, attention),
    routes: {
      begin: Int32Array.of(0, 0),
      links: new Int32Array(0),
      parent: new Int32Array(0),
      linkCount: 0,
      hop_ps: new Float64Array(0),
    },
  });
}

function resourceOf(kind: Kind, tile: number, tiles: number): number {
  if (kind === "mvm") return tile;
  if (kind === "transfer") return ~0;
  return kind === "attention" ? tiles + 1 : tiles;
}

/**
 * Sequence, then token, then who is ready first: the simulator's order. Readiness is taken from a
 * chip without contention, because ours serves the smallest number.
 */
function orderOfService(
  nodes: readonly Node[],
  prices: Readonly<Record<Kind, Price>>,
): readonly number[] {
  const ready_ps = new Float64Array(nodes.length);
  nodes.forEach(({ after }, node) => {
    for (const before of after) {
      const end_ps = ready_ps[before]! + prices[nodes[before]!.kind].duration_ps;
      ready_ps[node] = Math.max(ready_ps[node]!, end_ps);
    }
  });
  return nodes
    .map((_, node) => node)
    .sort(
      (a, b) =>
        nodes[a]!.sequence - nodes[b]!.sequence ||
        nodes[a]!.token - nodes[b]!.token ||
        ready_ps[a]! - ready_ps[b]! ||
        a - b,
    );
}
