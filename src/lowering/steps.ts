import { createIntColumn } from "../units/int-column.ts";
import { offsetsOf } from "./offsets.ts";

/**
 * What the ops of a graph can be, one column per property.
 *
 * All copies of a template share its steps: an op is the number of its step and nothing else, so
 * millions of ops take four bytes each, and what is looked up per op stays in the cache.
 */
export interface Steps {
  readonly count: number;
  /** Index into the op table. [count] */
  readonly opClass: Int32Array;
  /** >= 0: a resource; < 0: a message over route ~resource. [count] */
  readonly resource: Int32Array;
  /**
   * Within a template, op i is followed by the ops i + ahead[aheadBegin[s] .. aheadBegin[s + 1]),
   * s being its step. [count + 1]
   */
  readonly aheadBegin: Int32Array;
  readonly ahead: Int32Array;
}

/** A piece of graph; edges go from lower to higher numbers. */
export interface StepPattern {
  readonly opClass: readonly number[];
  readonly resource: readonly number[];
  readonly edgeFrom: readonly number[];
  readonly edgeTo: readonly number[];
}

export interface StepTable {
  /** The step of ops that follow no template. */
  readonly single: (opClass: number, resource: number) => number;
  /** @returns step of the pattern's op 0; the others are numbered on from there */
  readonly addPattern: (pattern: StepPattern) => number;
  readonly columns: () => Steps;
}

/** More than the resources, or the routes, of a chip. */
const SPAN = 2 ** 26;

export function createStepTable(): StepTable {
  const opClasses = createIntColumn();
  const resources = createIntColumn();
  const aheadBegin = createIntColumn();
  const ahead = createIntColumn();
  const singles = new Map<number, number>();
  aheadBegin.push(0);

  const addPattern = ({ opClass, resource, edgeFrom, edgeTo }: StepPattern): number => {
    const first = opClasses.size();
    const order = sortedByStart(opClass.length, edgeFrom);
    for (let op = 0; op < opClass.length; op++) {
      opClasses.push(opClass[op]!);
      resources.push(resource[op]!);
      for (let e = order.begin[op]!; e < order.begin[op + 1]!; e++)
        ahead.push(edgeTo[order.edges[e]!]! - op);
      aheadBegin.push(ahead.size());
    }
    return first;
  };

  return {
    addPattern,
    single: (opClass, resource) => {
      const key = opClass * SPAN + resource + SPAN / 2;
      const known = singles.get(key);
      if (known !== undefined) return known;
      const step = addPattern({
        opClass: [opClass],
        resource: [resource],
        edgeFrom: [],
        edgeTo: [],
      });
      singles.set(key, step);
      return step;
    },
    columns: () => ({
      count: opClasses.size(),
      opClass: opClasses.view(),
      resource: resources.view(),
      aheadBegin: aheadBegin.view(),
      ahead: ahead.view(),
    }),
  };
}

/** Edges by the op they start from: those of op i are edges[begin[i] .. begin[i + 1]). */
function sortedByStart(
  ops: number,
  edgeFrom: readonly number[],
): { readonly begin: Int32Array; readonly edges: Int32Array } {
  const counts = new Int32Array(ops);
  for (const from of edgeFrom) counts[from]!++;
  const begin = offsetsOf(counts);
  const next = begin.slice(0, ops);
  const edges = new Int32Array(edgeFrom.length);
  edgeFrom.forEach((from, edge) => {
    edges[next[from]!++] = edge;
  });
  return { begin, edges };
}
