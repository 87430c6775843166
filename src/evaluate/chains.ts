/** Longest chains of op graphs, kept so that they can be measured again when prices change. */
import type { Graph } from "../lowering/graph.ts";
import { createIntColumn } from "../units/int-column.ts";

/**
 * Chains of several graphs, folded: ops of one class that are followed by the same chains are one
 * node, which makes a product of any number of crossbars a handful of nodes. A node is followed by
 * nodes with smaller numbers.
 */
export interface Chains {
  /**
   * Folds a graph, messages left out: which tiles are neighbours depends on the placement.
   * @param opOf number of an op class
   * @returns the node at which all chains of the graph begin
   */
  readonly fold: (graph: Graph, opOf: (opClass: number) => number) => number;
  /**
   * From each node to the end of the longest chain behind it, itself included. Whole ps.
   * @param latency_ps of each op number
   */
  readonly measure: (latency_ps: Float64Array) => Float64Array;
}

/** Stands for the beginning of a graph, where an op is expected. */
const NO_OP = -1;

export function createChains(): Chains {
  const ops = createIntColumn(64);
  const begin = createIntColumn(64);
  const after = createIntColumn(256);
  const known = new Map<string, number>();
  begin.push(0);

  const nodeOf = (op: number, next: readonly number[]): number => {
    const key = `${op}:${next}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const node = ops.size();
    known.set(key, node);
    ops.push(op);
    for (const other of next) after.push(other);
    begin.push(after.size());
    return node;
  };

  return {
    fold: (graph, opOf) => {
      const heads = new Array<readonly number[]>(graph.opCount);
      const isFirst = new Uint8Array(graph.opCount).fill(1);
      for (let op = graph.opCount - 1; op >= 0; op--) {
        const step = graph.step[op]!;
        const next = nodesAfter(graph, op, heads, isFirst);
        const isMessage = graph.steps.resource[step]! < 0;
        heads[op] = isMessage ? next : [nodeOf(opOf(graph.steps.opClass[step]!), next)];
      }
      const firsts = heads.filter((_, op) => isFirst[op] === 1);
      return nodeOf(NO_OP, distinct(firsts.flat()));
    },
    measure: (latency_ps) => {
      const [op, first, next] = [ops.view(), begin.view(), after.view()];
      const chain_ps = new Float64Array(op.length);
      for (let node = 0; node < op.length; node++) {
        let longest_ps = 0;
        for (let i = first[node]!; i < first[node + 1]!; i++) {
          const own_ps = chain_ps[next[i]!]!;
          if (own_ps > longest_ps) longest_ps = own_ps;
        }
        chain_ps[node] = op[node] === NO_OP ? longest_ps : longest_ps + latency_ps[op[node]!]!;
      }
      return chain_ps;
    },
  };
}

/** Nodes that the successors of an op begin with; those are no first ops. */
function nodesAfter(
  { step, steps, firstEdge, edges }: Graph,
  op: number,
  heads: readonly (readonly number[])[],
  isFirst: Uint8Array,
): readonly number[] {
  const next: number[] = [];
  let lists = 0;
  let last: readonly number[] = next;
  const follow = (other: number): void => {
    isFirst[other] = 0;
    if (heads[other] === last) return;
    last = heads[other]!;
    lists++;
    next.push(...last);
  };
  const s = step[op]!;
  for (let a = steps.aheadBegin[s]!; a < steps.aheadBegin[s + 1]!; a++)
    follow(op + steps.ahead[a]!);
  for (let e = firstEdge[op]!; e !== 0; e = edges[2 * e + 1]!) follow(edges[2 * e]!);
  return lists === 1 ? last : distinct(next);
}

/** Ascending, each once. */
function distinct(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}
