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
  /** Parts of the input that come from the hub. */
  readonly inputs: readonly TemplateInput[];
  /** How the input is cut; templates with the same cut can be sent the same messages. */
  readonly cut: string;
  /** Ops that wait for an input, and which one. */
  readonly entries: Int32Array;
  readonly entryInput: Int32Array;
  /** Ops that together deliver the result. */
  readonly exits: Int32Array;
  /** Parts of a result that has not been sent yet, in place of exits. */
  readonly results: readonly TemplateResult[];
  /** Blocks of the mapping that are read, and the op that reads each. */
  readonly blocks: Int32Array;
  readonly reads: Int32Array;
}

/** Consecutive inputs of a product, and the nodes that need them. */
interface TemplateInput {
  readonly rowBegin: number;
  readonly bytes: number;
  /** Distinct. */
  readonly nodes: readonly number[];
}

/** Part of a result, at the node where it was summed up. */
export interface TemplateResult {
  readonly colBegin: number;
  readonly elements: number;
  readonly bytes: number;
  readonly node: number;
  readonly op: number;
}

export interface TemplateBuilder {
  readonly op: (opClass: number, resource: number) => number;
  /**
   * Inputs from that row on are needed at a node.
   * @returns what stands for them where an op is expected
   */
  readonly input: (rowBegin: number, bytes: number, node: number) => number;
  /** @param before an op of the template, or one of its inputs */
  readonly edge: (before: number, after: number) => void;
  readonly exit: (op: number) => void;
  readonly result: (result: TemplateResult) => void;
  readonly read: (block: number, op: number) => void;
  readonly build: () => Template;
}

export function createTemplateBuilder(steps: StepTable): TemplateBuilder {
  const opClass: number[] = [];
  const resource: number[] = [];
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];
  const inputs: { rowBegin: number; bytes: number; nodes: Set<number> }[] = [];
  const entries: number[] = [];
  const entryInput: number[] = [];
  const exits: number[] = [];
  const results: TemplateResult[] = [];
  const blocks: number[] = [];
  const reads: number[] = [];
  return {
    op: (classNumber, resourceNumber) => {
      resource.push(resourceNumber);
      return opClass.push(classNumber) - 1;
    },
    input: (rowBegin, bytes, node) => {
      let at = inputs.findIndex((input) => input.rowBegin === rowBegin);
      if (at < 0) at = inputs.push({ rowBegin, bytes, nodes: new Set() }) - 1;
      inputs[at]!.nodes.add(node);
      return ~at;
    },
    edge: (before, after) => {
      if (before < 0) {
        entries.push(after);
        entryInput.push(~before);
        return;
      }
      edgeFrom.push(before);
      edgeTo.push(after);
    },
    exit: (op) => exits.push(op),
    result: (result) => results.push(result),
    read: (block, op) => {
      blocks.push(block);
      reads.push(op);
    },
    build: () => ({
      firstStep: steps.addPattern({ opClass, resource, edgeFrom, edgeTo }),
      size: opClass.length,
      inputs: inputs.map((input) => ({ ...input, nodes: [...input.nodes] })),
      cut: inputs.map(({ rowBegin, bytes }) => `${rowBegin} ${bytes}`).join(),
      entries: Int32Array.from(entries),
      entryInput: Int32Array.from(entryInput),
      exits: Int32Array.from(exits),
      results,
      blocks: Int32Array.from(blocks),
      reads: Int32Array.from(reads),
    }),
  };
}
