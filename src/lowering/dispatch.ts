import type { LoweringContext } from "./context.ts";
import type { Sink } from "./sink.ts";
import type { Template } from "./template.ts";

/**
 * Sends a vector from the hub to everything that takes it.
 *
 * @param before op that brings the vector to the hub
 * @returns for each template the ops that bring its inputs
 */
export type Dispatch = (
  templates: readonly Template[],
  hub: number,
  before: number,
  token: number,
) => readonly Int32Array[];

/**
 * Templates that cut their input alike share its messages: a part goes out once, over the tree of
 * routes to all nodes that need it. It counts as arrived when the last of them has it.
 */
export function createDispatch({ ops, routes }: LoweringContext, sink: Sink): Dispatch {
  const known = new Map<Template, Int32Array>();

  /** Trees for a set of templates with one cut. [inputs] */
  const treesTo = (templates: readonly Template[], hub: number): Int32Array => {
    const only = templates.length === 1 ? templates[0]! : undefined;
    const found = only && known.get(only);
    if (found !== undefined) return found;
    const trees = Int32Array.from(templates[0]!.inputs, (_, i) => {
      const nodes = new Set<number>();
      for (const { inputs } of templates) for (const node of inputs[i]!.nodes) nodes.add(node);
      return routes.treeOf(hub, [...nodes]);
    });
    if (only !== undefined) known.set(only, trees);
    return trees;
  };

  const send = (
    templates: readonly Template[],
    hub: number,
    before: number,
    token: number,
  ): Int32Array => {
    const trees = treesTo(templates, hub);
    const { inputs } = templates[0]!;
    return trees.map((tree, i) => {
      const op = sink.add(ops.messageClass(inputs[i]!.bytes), ~tree, token);
      sink.depend(before, op);
      return op;
    });
  };

  return (templates, hub, before, token) => {
    const arrivals = new Map<string, Int32Array>();
    return templates.map(({ cut }) => {
      const found = arrivals.get(cut);
      if (found !== undefined) return found;
      const alike = templates.filter((template) => template.cut === cut);
      const sent = send(alike, hub, before, token);
      arrivals.set(cut, sent);
      return sent;
    });
  };
}
