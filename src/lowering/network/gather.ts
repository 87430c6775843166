import { type FieldShape, positionsOf } from "../../model/network-shapes.ts";
import type { Field } from "./field.ts";
import { join } from "./field.ts";
import type { NetworkTools } from "./tools.ts";
import { coveredPositions, type Window } from "./windows.ts";

/** Op after which the window of an output position is at the hub. */
export type Gather = (index: number, example: number, position: number, token: number) => number;

/**
 * Windows of a field that lies in the activation memory: every position is written there once and
 * every window read whole, as soon as its last position is there. Neighbouring windows share
 * nothing: an upper bound on the traffic of a line buffer.
 */
export function gatherFromMemory(
  tools: NetworkTools,
  field: Field,
  window: Window,
  output: FieldShape,
  hub: number,
): Gather {
  const { context, sink, work } = tools;
  const { activationMemory, activation_B } = context.digital;
  const position_B = field.shape.features * activation_B;
  const write = work.memoryClass(activationMemory, "write", position_B);
  const written = field.ready.map((ready, i) => {
    const op = work.memory(write, activationMemory, field.token[i]!);
    sink.depend(ready, op);
    return op;
  });
  const positions = positionsOf(field.shape);
  return (_index, example, position, token) => {
    const covered = coveredPositions(field.shape, window, output.cols, position);
    if (covered.length === 0) return join(tools, hub, [], token);
    const read = work.memoryClass(activationMemory, "read", covered.length * position_B);
    const op = work.memory(read, activationMemory, token);
    for (const p of covered) sink.depend(written[example * positions + p]!, op);
    return op;
  };
}

/** The same where what takes the windows reads the memory itself. */
export function gatherInPlace(
  tools: NetworkTools,
  field: Field,
  window: Window,
  output: FieldShape,
  hub: number,
): Gather {
  const positions = positionsOf(field.shape);
  return (_index, example, position, token) => {
    const covered = coveredPositions(field.shape, window, output.cols, position);
    if (covered.length === 1) return field.ready[example * positions + covered[0]!]!;
    const before = covered.map((p) => field.ready[example * positions + p]!);
    return join(tools, hub, before, token);
  };
}
