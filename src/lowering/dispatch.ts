import { nodeCount } from "../model/interconnect.ts";
import type { ProductContext } from "./context.ts";
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
export function createDispatch(context: ProductContext, sink: Sink): Dispatch {
  const treesTo = createTrees(context);

  const send = (
    templates: readonly Template[],
    hub: number,
    before: number,
    token: number,
  ): Int32Array => {
    const ops = treesTo(templates, hub).slice();
    const { inputs } = templates[0]!;
    for (let i = 0; i < ops.length; i++) {
      const opClass = context.ops.messageClass(inputs[i]!.bytes);
      ops[i] = sink.add(opClass, ~ops[i]!, token);
      sink.depend(before, ops[i]!);
    }
    return ops;
  };

  return (templates, hub, before, token) => {
    const cut = templates[0]?.cut;
    if (templates.every((template) => template.cut === cut)) {
      const sent = templates.length === 0 ? new Int32Array(0) : send(templates, hub, before, token);
      return templates.map(() => sent);
    }
    const arrivals = new Map<string, Int32Array>();
    for (const { cut } of templates) {
      const alike = templates.filter((template) => template.cut === cut);
      if (!arrivals.has(cut)) arrivals.set(cut, send(alike, hub, before, token));
    }
    return templates.map((template) => arrivals.get(template.cut)!);
  };
}

/** The tree to each input of templates with one cut: to all nodes that one of them needs it at. */
function createTrees({ routes, arch }: ProductContext) {
  const lastSeen = new Int32Array(nodeCount(arch.interconnect));
  let turn = 0;

  const unionOf = (templates: readonly Template[], input: number): number[] => {
    turn++;
    const union: number[] = [];
    for (const { inputs } of templates)
      for (const node of inputs[input]!.nodes) {
        if (lastSeen[node] === turn) continue;
        lastSeen[node] = turn;
        union.push(node);
      }
    return union;
  };

  return (templates: readonly Template[], hub: number): Int32Array => {
    const trees = new Int32Array(templates[0]!.inputs.length);
    let before: readonly number[] = [];
    for (let i = 0; i < trees.length; i++) {
      const union = unionOf(templates, i);
      const isAsBefore = i > 0 && isSame(union, before);
      trees[i] = isAsBefore ? trees[i - 1]! : routes.treeOf(hub, union);
      before = union;
    }
    return trees;
  };
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
