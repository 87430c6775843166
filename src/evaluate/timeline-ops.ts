/** What ops are called in a trace, and which are shown. */
import { runOf } from "../lowering/origins.ts";
import { matrixOfBlock } from "../mapping/mapping.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Op } from "../model/op.ts";
import { componentOf } from "./component-of.ts";
import type { Watched } from "./machine.ts";

export interface OpDescription {
  readonly name: string;
  readonly category: string;
  readonly component: string;
  readonly phase: string;
  readonly layer: number;
  readonly token: number;
  /** -1: of no single expert. */
  readonly expert: number;
  /** Part in the way of a token through the experts. */
  readonly role: "choice" | "combine" | "";
}

/** Names ops of a group: "L3 E17 up t5", "L0 attention q", "L2 softmax t1", "head argmax". */
export function opDescriber({ machine, graph, phase }: Watched): (op: number) => OpDescription {
  const { lowering, arch, mapping, matrices } = machine;
  const blockOf = lowering.blocksOfSteps();
  return (op) => {
    const step = graph.step[op]!;
    const run = runOf(graph.origins, op);
    const layer = graph.origins.layer[run]!;
    const token = graph.origins.token[run]!;
    const own = lowering.ops[graph.steps.opClass[step]!]!;
    const resource = graph.steps.resource[step]!;
    const block = blockOf.get(step);
    const matrix = block === undefined ? undefined : matrices[matrixOfBlock(mapping, block)];
    const where = layer < 0 ? "" : `L${layer} `;
    const who = token < 0 ? "" : ` t${token}`;
    return {
      name: `${where}${matrix === undefined ? workName(own) : matrixName(matrix)}${who}`,
      category: own.kind,
      component: resource < 0 ? "interconnect" : componentOf(arch, lowering.resources[resource]!),
      phase,
      layer,
      token,
      expert: matrix?.expert ?? -1,
      role: roleOf(own),
    };
  };
}

function roleOf(op: Op): OpDescription["role"] {
  if (op.kind !== "vector") return "";
  return op.fn === "top-k" ? "choice" : op.fn === "multiply-add" ? "combine" : "";
}

function workName(op: Op): string {
  switch (op.kind) {
    case "vector":
    case "tile-vector":
      return op.fn;
    case "memory":
      return `${op.access} ${op.bytes} B`;
    case "message":
      return `message ${op.bytes} B`;
    case "matmul":
      return `matmul ${op.tokens}x${op.inputs}x${op.outputs}`;
    default:
      return op.kind;
  }
}

function matrixName({ module, expert, part }: WeightMatrix): string {
  const what = expert >= 0 ? `E${expert}` : module;
  return part === "weight" ? what : `${what} ${part}`;
}

/**
 * Ops to show. Beyond `most` whole tokens are left out, evenly, so that what is shown hangs
 * together; work on the whole group stays. A group of few tokens loses every so many ops instead.
 */
export function tokenSample({ graph, group }: Watched, most: number): Int32Array {
  const { opCount, origins } = graph;
  const all = Int32Array.from({ length: opCount }, (_, op) => op);
  if (opCount <= most) return all;
  const every = Math.ceil(opCount / most);
  if (group.tokens < 2 * every) return all.filter((op) => op % every === 0);
  const kept = new Int32Array(opCount);
  let count = 0;
  origins.begin.forEach((first, run) => {
    const token = origins.token[run]!;
    if (token >= 0 && token % every !== 0) return;
    const end = origins.begin[run + 1] ?? opCount;
    for (let op = first; op < end; op++) kept[count++] = op;
  });
  return kept.slice(0, count);
}
