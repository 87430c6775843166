import type { Graph } from "./graph.ts";
import type { Sink } from "./sink.ts";
import type { StepTable } from "./steps.ts";
import type { Template } from "./template.ts";

/** How often each step was met. All that energy needs. */
export interface Tally {
  readonly opCount: number;
  /** Of each step, its op class and its resource or, if negative, route: as in `Steps`. [steps] */
  readonly opClass: Int32Array;
  readonly resource: Int32Array;
  /** [steps] */
  readonly count: Float64Array;
}

export interface TallySink extends Sink {
  readonly finish: () => Tally;
}

/** Counts ops and forgets what depends on what. A template is counted once and multiplied. */
export function createTallySink(steps: StepTable): TallySink {
  const counts: number[] = [];
  const uses = new Map<Template, number>();
  let ops = 0;
  const count = (step: number, times: number): void => {
    while (counts.length <= step) counts.push(0);
    counts[step]! += times;
  };
  return {
    setLayer: () => {},
    add: (opClass, resource) => {
      count(steps.single(opClass, resource), 1);
      return ops++;
    },
    depend: () => {},
    stamp: (template) => {
      uses.set(template, (uses.get(template) ?? 0) + 1);
      const first = ops;
      ops += template.size;
      return first;
    },
    finish: () => {
      for (const [{ firstStep, size }, times] of uses)
        for (let i = 0; i < size; i++) count(firstStep + i, times);
      uses.clear();
      const { opClass, resource, count: stepCount } = steps.columns();
      const totals = new Float64Array(stepCount);
      totals.set(counts);
      return { opCount: ops, opClass, resource, count: totals };
    },
  };
}

/** The same counts, read off a graph. */
export function tallyGraph({ opCount, step, steps }: Graph): Tally {
  const count = new Float64Array(steps.count);
  for (let op = 0; op < opCount; op++) count[step[op]!]!++;
  return { opCount, opClass: steps.opClass, resource: steps.resource, count };
}
