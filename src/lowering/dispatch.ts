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
export function createDispatch(context: LoweringContext, sink: Sink): Dispatch {
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

/** The tree to each input of templates with one cut; sets of nodes are unions of bit masks. */
function createTrees({ routes, arch }: LoweringContext) {
  const words = Math.ceil((arch.interconnect.cols * arch.interconnect.rows) / 32);
  const masks = new Map<Template, Int32Array>();
  const known = new Map<string, number>();
  const union = new Int32Array(words);

  const maskOf = (template: Template): Int32Array => {
    const found = masks.get(template);
    if (found !== undefined) return found;
    const mask = new Int32Array(template.inputs.length * words);
    template.inputs.forEach(({ nodes }, i) => {
      for (const node of nodes) mask[i * words + (node >> 5)]! |= 1 << (node & 31);
    });
    masks.set(template, mask);
    return mask;
  };

  const treeToUnion = (hub: number): number => {
    const key = `${hub}:${union.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const nodes = Array.from({ length: 32 * words }, (_, node) => node);
    const tree = routes.treeOf(
      hub,
      nodes.filter((node) => ((union[node >> 5]! >> (node & 31)) & 1) === 1),
    );
    known.set(key, tree);
    return tree;
  };

  return (templates: readonly Template[], hub: number): Int32Array => {
    const trees = new Int32Array(templates[0]!.inputs.length);
    for (let i = 0; i < trees.length; i++) {
      let isAsBefore = i > 0;
      for (let w = 0; w < words; w++) {
        let word = 0;
        for (const template of templates) word |= maskOf(template)[i * words + w]!;
        if (word !== union[w]) isAsBefore = false;
        union[w] = word;
      }
      trees[i] = isAsBefore ? trees[i - 1]! : treeToUnion(hub);
    }
    return trees;
  };
}
