import type { Graph } from "./graph.ts";
import type { Sink } from "./sink.ts";
import type { Template } from "./template.ts";

/** How often each op class met each resource (or, if negative, route). All that energy needs. */
export interface Tally {
  readonly opCount: number;
  readonly opClass: Int32Array;
  /** >= 0: a resource; < 0: a message over route ~resource. */
  readonly resource: Int32Array;
  readonly count: Float64Array;
}

export interface TallySink extends Sink {
  readonly finish: () => Tally;
}

/** Counts ops and forgets what depends on what. A template is counted once and multiplied. */
export function createTallySink(): TallySink {
  const pairs = createPairCounts();
  const uses = new Map<Template, number>();
  let ops = 0;
  return {
    setLayer: () => {},
    add: (opClass, resource) => {
      pairs.add(opClass, resource, 1);
      return ops++;
    },
    depend: () => {},
    stamp: (template) => {
      uses.set(template, (uses.get(template) ?? 0) + 1);
      const first = ops;
      ops += template.opClass.length;
      return first;
    },
    finish: () => {
      for (const [template, times] of uses)
        for (let i = 0; i < template.opClass.length; i++)
          pairs.add(template.opClass[i]!, template.resource[i]!, times);
      uses.clear();
      return { opCount: ops, ...pairs.columns() };
    },
  };
}

/** The same counts, read off a graph. */
export function tallyGraph(graph: Graph): Tally {
  const pairs = createPairCounts();
  for (let op = 0; op < graph.opCount; op++) pairs.add(graph.opClass[op]!, graph.resource[op]!, 1);
  return { opCount: graph.opCount, ...pairs.columns() };
}

/** Counts of (op class, resource), by a number that holds both. */
function createPairCounts() {
  const SPAN = 2 ** 26;
  const place = new Map<number, number>();
  const opClasses: number[] = [];
  const resources: number[] = [];
  const counts: number[] = [];
  return {
    add: (opClass: number, resource: number, times: number): void => {
      const key = opClass * SPAN + resource + SPAN / 2;
      const at = place.get(key);
      if (at !== undefined) {
        counts[at]! += times;
        return;
      }
      place.set(key, counts.length);
      opClasses.push(opClass);
      resources.push(resource);
      counts.push(times);
    },
    columns: (): Omit<Tally, "opCount"> => ({
      opClass: Int32Array.from(opClasses),
      resource: Int32Array.from(resources),
      count: Float64Array.from(counts),
    }),
  };
}
