/**
 * A piece of op graph that is copied for every token: compiled once, then only numbers move.
 *
 * Ops are numbered from 0 within the template; edges go from lower to higher numbers.
 */
export interface Template {
  readonly opClass: Int32Array;
  /** >= 0: a resource; < 0: a message over route ~resource. */
  readonly resource: Int32Array;
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  /** Ops that wait for the input. */
  readonly entries: Int32Array;
  /** Ops that together deliver the result. */
  readonly exits: Int32Array;
  /** Blocks of the mapping that are read, and the op that reads each. */
  readonly blocks: Int32Array;
  readonly reads: Int32Array;
}

/** Stands for the input of the template where an op is expected. */
export const INPUT = -1;

export interface TemplateBuilder {
  readonly op: (opClass: number, resource: number) => number;
  /** @param before an op of the template, or INPUT */
  readonly edge: (before: number, after: number) => void;
  readonly exit: (op: number) => void;
  readonly read: (block: number, op: number) => void;
  readonly build: () => Template;
}

export function createTemplateBuilder(): TemplateBuilder {
  const opClass: number[] = [];
  const resource: number[] = [];
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];
  const entries: number[] = [];
  const exits: number[] = [];
  const blocks: number[] = [];
  const reads: number[] = [];
  return {
    op: (classNumber, resourceNumber) => {
      resource.push(resourceNumber);
      return opClass.push(classNumber) - 1;
    },
    edge: (before, after) => {
      if (before === INPUT) {
        if (!entries.includes(after)) entries.push(after);
        return;
      }
      edgeFrom.push(before);
      edgeTo.push(after);
    },
    exit: (op) => exits.push(op),
    read: (block, op) => {
      blocks.push(block);
      reads.push(op);
    },
    build: () => ({
      opClass: Int32Array.from(opClass),
      resource: Int32Array.from(resource),
      edgeFrom: Int32Array.from(edgeFrom),
      edgeTo: Int32Array.from(edgeTo),
      entries: Int32Array.from(entries),
      exits: Int32Array.from(exits),
      blocks: Int32Array.from(blocks),
      reads: Int32Array.from(reads),
    }),
  };
}
