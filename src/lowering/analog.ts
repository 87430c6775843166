import type { Mapping } from "../mapping/mapping.ts";
import type { AnalogPart, ColumnSum } from "./analog-part.ts";
import { type Fetch, fromHub, fromSums } from "./fetch.ts";
import type { GatedIds } from "./plan.ts";
import { createTemplateBuilder, type Template, type TemplateBuilder } from "./template.ts";

/**
 * Width of a result on the network: partial sums and outputs, after scaling.
 *
 * A sum over several crossbars of 8-bit conversions needs more than 8 bits, and the residual
 * stream it is added to is kept in 16 (bfloat16 in the models simulated here).
 */
const RESULT_B = 2;

/**
 * y = W x with x and y at the hub: the parts of x come from there, each block is read, the tile of
 * a column block's first row block sums the others', and the sums go back.
 */
export function compileProduct(analog: AnalogPart, matrix: number, hub: number): Template {
  const t = createTemplateBuilder(analog.steps);
  const reads = readBlocks(analog, t, matrix, fromHub(analog, t));
  deliver(analog, t, sumColumns(analog, t, matrix, reads), hub);
  return t.build();
}

/** Can gate, up and down of one expert run without going back to the hub in between? */
export function canFuse(mapping: Mapping, gate: number, up: number, down: number): boolean {
  const blocks = (matrix: number) => mapping.blockBegin[matrix + 1]! - mapping.blockBegin[matrix]!;
  if (blocks(gate) === 0 || blocks(down) === 0 || blocks(gate) !== blocks(up)) return false;
  return mapping.tileKind[gate] === mapping.tileKind[up];
}

/**
 * down(swiglu(gate x, up x)): gate and up start together, the sums of up go to those of gate, the
 * local unit there applies SwiGLU, and the parts go straight on to the tiles of down.
 */
export function compileGated(analog: AnalogPart, ids: GatedIds, hub: number): Template {
  const t = createTemplateBuilder(analog.steps);
  deliver(analog, t, gatedSums(analog, t, ids), hub);
  return t.build();
}

/**
 * The same, but the result stays at its tiles, multiplied with the expert's weight there, so that
 * routers may add it to those of other experts. The token brings that weight along.
 */
export function compileWeighted(analog: AnalogPart, ids: GatedIds): Template {
  const t = createTemplateBuilder(analog.steps);
  for (const { colBegin, colEnd, tile, op: sum } of gatedSums(analog, t, ids)) {
    const elements = colEnd - colBegin;
    const op = vectorOp(analog, t, tile, ids.down, "multiply-add", elements);
    t.edge(sum, op);
    t.result({ colBegin, elements, bytes: elements * RESULT_B, node: analog.nodes[tile]!, op });
  }
  return t.build();
}

function gatedSums(analog: AnalogPart, t: TemplateBuilder, ids: GatedIds): readonly ColumnSum[] {
  const input = fromHub(analog, t);
  const gateReads = readBlocks(analog, t, ids.gate, input);
  const upReads = readBlocks(analog, t, ids.up, input);
  const gateSums = sumColumns(analog, t, ids.gate, gateReads);
  const upSums = sumColumns(analog, t, ids.up, upReads);
  const hidden = gateSums.map((gate, i): ColumnSum => {
    const arrived = sendSum(analog, t, upSums[i]!, analog.nodes[gate.tile]!);
    const op = vectorOp(analog, t, gate.tile, ids.gate, "swiglu", gate.colEnd - gate.colBegin);
    t.edge(gate.op, op);
    t.edge(arrived, op);
    return { ...gate, op };
  });
  const downReads = readBlocks(analog, t, ids.down, fromSums(analog, t, hidden, ids.down));
  return sumColumns(analog, t, ids.down, downReads);
}

/** One read per block. @returns the reads, in the order of blocks */
function readBlocks(
  analog: AnalogPart,
  t: TemplateBuilder,
  matrix: number,
  fetch: Fetch,
): readonly number[] {
  const { blockBegin, cuts, tileKind } = analog.mapping;
  const { rowBegin, rowEnd, colBegin, colEnd } = cuts[matrix]!;
  const kind = tileKind[matrix]!;
  const first = blockBegin[matrix]!;
  const reads: number[] = [];
  for (let i = 0; i < rowBegin.length; i++) {
    const tile = analog.tile[first + i]!;
    const inputs = fetch(tile, rowBegin[i]!, rowEnd[i]!, analog.inputBits[kind]!);
    const rows = rowEnd[i]! - rowBegin[i]!;
    const opClass = analog.ops.mvmClass(kind, rows, colEnd[i]! - colBegin[i]!);
    const op = t.op(opClass, analog.resources.ofTile(tile));
    for (const input of inputs) t.edge(input, op);
    t.read(first + i, op);
    reads.push(op);
  }
  return reads;
}

/**
 * Scales and adds the partial results of each column block: one multiply-add per partial result,
 * since every column of every crossbar has a scale of its own.
 */
function sumColumns(
  analog: AnalogPart,
  t: TemplateBuilder,
  matrix: number,
  reads: readonly number[],
): readonly ColumnSum[] {
  const { rowBegin, colBegin, colEnd } = analog.mapping.cuts[matrix]!;
  const first = analog.mapping.blockBegin[matrix]!;
  let columns = 0;
  while (rowBegin[columns] === 0) columns++;
  return Array.from({ length: columns }, (_, c): ColumnSum => {
    const leader = analog.tile[first + c]!;
    const width = colEnd[c]! - colBegin[c]!;
    const arrived: number[] = [];
    for (let i = c; i < reads.length; i += columns) {
      const from = analog.nodes[analog.tile[first + i]!]!;
      arrived.push(send(analog, t, reads[i]!, from, analog.nodes[leader]!, width * RESULT_B));
    }
    const op = vectorOp(analog, t, leader, matrix, "multiply-add", width * arrived.length);
    for (const part of arrived) t.edge(part, op);
    return { colBegin: colBegin[c]!, colEnd: colEnd[c]!, tile: leader, op };
  });
}

function deliver(
  analog: AnalogPart,
  t: TemplateBuilder,
  sums: readonly ColumnSum[],
  hub: number,
): void {
  for (const sum of sums) t.exit(sendSum(analog, t, sum, hub));
}

function sendSum(analog: AnalogPart, t: TemplateBuilder, sum: ColumnSum, to: number): number {
  const bytes = (sum.colEnd - sum.colBegin) * RESULT_B;
  return send(analog, t, sum.op, analog.nodes[sum.tile]!, to, bytes);
}

/** A message after `before`; within a node nothing is sent and `before` itself is returned. */
function send(
  analog: AnalogPart,
  t: TemplateBuilder,
  before: number,
  from: number,
  to: number,
  bytes: number,
): number {
  if (from === to) return before;
  const op = t.op(analog.ops.messageClass(bytes), ~analog.routes.routeOf(from, to));
  t.edge(before, op);
  return op;
}

/** Work on the local unit of a tile that holds blocks of the matrix. */
function vectorOp(
  analog: AnalogPart,
  t: TemplateBuilder,
  tile: number,
  matrix: number,
  fn: "multiply-add" | "swiglu",
  elements: number,
): number {
  const tileKind = analog.mapping.tileKind[matrix]!;
  const opClass = analog.ops.classOf({ kind: "tile-vector", tileKind, fn, elements });
  return t.op(opClass, analog.resources.ofLocalUnit(tile));
}
