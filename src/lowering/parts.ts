import type { Delivery, TokenGroup } from "./context.ts";
import type { Graph } from "./graph.ts";
import { type Lowering, lowerGroup } from "./lower.ts";
import type { Inputs, Products } from "./product.ts";
import type { Sink } from "./sink.ts";
import type { Tally } from "./tally.ts";
import type { Tools } from "./tools.ts";

/** What is asked of the matrices: one of them, or gate, up and down of one gated network. */
export interface Use {
  readonly ids: readonly number[];
  readonly hub: number;
  /** Tokens that go through together. */
  readonly tokens: number;
}

/** A use within a run. */
export interface GroupUse extends Use {
  readonly group: number;
  /** Is the last token of the group, whose context is the longest, among them? */
  readonly hasLast: boolean;
}

/**
 * All work of some groups that no placement changes, as if matrix products took nothing; and what it
 * asks of the matrices.
 */
export function lowerBase(
  lowering: Lowering,
  groups: readonly TokenGroup[],
): { readonly tally: Tally; readonly uses: readonly GroupUse[] } {
  const uses: GroupUse[] = [];
  const tally = lowering.tallyOf((tools) => {
    groups.forEach((group, g) => {
      lowerGroup({ ...tools, products: noProducts(uses, g, group.tokens - 1) }, group);
    });
  });
  return { tally, uses };
}

/** The same work with all that it waits for. */
export function lowerBaseGraph(lowering: Lowering, group: TokenGroup): Graph {
  return lowering.graphOf(group.tokens, (tools) => {
    lowerGroup({ ...tools, products: noProducts([], 0, 0) }, group);
  });
}

/** One use of matrices by itself, for tokens that are all there at the beginning. */
export function lowerUse(lowering: Lowering, { ids, hub, tokens }: Use): Graph {
  return lowering.graphOf(tokens, (tools) => {
    const start = nothing(tools, hub);
    const x: Inputs = {
      tokens: Int32Array.from({ length: tokens }, (_, t) => t),
      ready: new Int32Array(tokens).fill(start),
    };
    const [gate, up, down] = ids;
    if (up === undefined || down === undefined) tools.products.product(gate!, hub, x);
    else tools.products.gated({ gate: gate!, up, down }, hub, x);
  });
}

/** A message over no link. */
function nothing({ context, sink }: { context: Tools["context"]; sink: Sink }, hub: number) {
  return sink.add(context.ops.messageClass(0), ~context.routes.treeOf(hub, []), -1);
}

/** Results are there as soon as inputs are. */
function noProducts(uses: GroupUse[], group: number, last: number): Products {
  const pass = ({ ready }: Inputs): Delivery => ({ exits: Int32Array.of(0), base: ready });
  const use = (ids: readonly number[], hub: number, x: Inputs): Delivery => {
    const hasLast = x.tokens.includes(last);
    uses.push({ ids, hub, tokens: x.tokens.length, group, hasLast });
    return pass(x);
  };
  return {
    product: (matrix, hub, x) => use([matrix], hub, x),
    products: (ids, hub, x) => ids.map((matrix) => use([matrix], hub, x)),
    gated: ({ gate, up, down }, hub, x) => use([gate, up, down], hub, x),
    fusedTemplate: () => null,
    weightedTemplate: () => null,
    reduce: null,
    stamp: () => [],
    programming: { isNeeded: false, bringIn: () => {}, addReads: () => {} },
  };
}
