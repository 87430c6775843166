/** What a layer of a network hands on, and how it gets to where the next one wants it. */
import { type FieldShape, positionsOf } from "../../model/network-shapes.ts";
import type { Delivery } from "../context.ts";
import type { NetworkTools } from "./tools.ts";

/** Example by example, position by position. */
export interface Field {
  readonly shape: FieldShape;
  readonly examples: number;
  /** Node where the positions are. */
  readonly hub: number;
  /** Op after which each position is there. [examples * positions] */
  readonly ready: Int32Array;
  /** Number of the token of the group that it belongs to: an example, or a step of one. */
  readonly token: Int32Array;
}

/** A new field of that shape; `readyAt` adds the work of one position. */
export function makeField(
  { examples, token }: Pick<Field, "examples" | "token">,
  shape: FieldShape,
  hub: number,
  readyAt: (index: number, example: number, position: number, token: number) => number,
): Field {
  const positions = positionsOf(shape);
  const size = examples * positions;
  const tokens = tokensFor(token, examples, positions);
  const ready = new Int32Array(size);
  for (let i = 0; i < size; i++)
    ready[i] = readyAt(i, Math.floor(i / positions), i % positions, tokens[i]!);
  return { shape, examples, hub, ready, token: tokens };
}

/** Tokens of the positions of another shape: as they are if there are as many, else the last. */
function tokensFor(token: Int32Array, examples: number, positions: number): Int32Array {
  if (token.length === examples * positions) return token;
  const before = token.length / examples;
  return Int32Array.from(
    { length: examples * positions },
    (_, i) => token[(Math.floor(i / positions) + 1) * before - 1]!,
  );
}

/** An op without time and energy that waits for several. */
export function join(
  { context, sink }: NetworkTools,
  hub: number,
  before: Iterable<number>,
  token: number,
): number {
  const op = sink.add(context.ops.messageClass(0), ~context.routes.treeOf(hub, []), token);
  for (const each of before) sink.depend(each, op);
  return op;
}

/** The op after which result i of a product is at the hub. */
export function arrived(
  tools: NetworkTools,
  { exits, base }: Delivery,
  i: number,
  hub: number,
  token: number,
): number {
  if (exits.length === 1) return base[i]! + exits[0]!;
  const op = join(tools, hub, [], token);
  tools.work.await({ exits, base }, i, op);
  return op;
}

/** The field at another hub: one message per position; itself where it is already. */
export function movedTo(tools: NetworkTools, field: Field, hub: number): Field {
  if (field.hub === hub) return field;
  const { context, sink } = tools;
  const bytes = Math.ceil(field.shape.features * context.digital.activation_B);
  const opClass = context.ops.messageClass(bytes);
  const route = ~context.routes.routeOf(field.hub, hub);
  return makeField(field, field.shape, hub, (i, _example, _position, token) => {
    const op = sink.add(opClass, route, token);
    sink.depend(field.ready[i]!, op);
    return op;
  });
}
