import type { StepTable } from "./steps.ts";

/**
 * A piece of op graph that is copied for every token: compiled once, then only numbers move.
 *
 * Ops are numbered from 0 within the template; edges go from lower to higher numbers.
 */
export interface Template {
  /** Op i of a copy is step firstStep + i. */
  readonly firstStep: number;
  /** Number of ops. */
  readonly size: number;
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

export function createTemplateBuilder(steps: StepTable): TemplateBuilder {
  const opClass: number[] = [];
  const resource: number[] = [];
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];
  const entries = new Set<number>();
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
        entries.add(after);
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
      firstStep: steps.addPattern({ opClass, resource, edgeFrom, edgeTo }),
      size: opClass.length,
      entries: Int32Array.from(entries),
      exits: Int32Array.from(exits),
      blocks: Int32Array.from(blocks),
      reads: Int32Array.from(reads),
    }),
  };
}
