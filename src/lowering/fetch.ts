import type { AnalogPart, ColumnSum } from "./analog-part.ts";
import type { TemplateBuilder } from "./template.ts";

/**
 * Ops, or inputs of the template, after which inputs rowBegin..rowEnd are at the tile. All matrices
 * that one Fetch serves are cut into the same rows.
 */
export type Fetch = (
  tile: number,
  rowBegin: number,
  rowEnd: number,
  bits: number,
) => readonly number[];

/** From the hub: an input of the template, which whoever stamps it sends to all nodes at once. */
export function fromHub(analog: AnalogPart, t: TemplateBuilder): Fetch {
  return (tile, rowBegin, rowEnd, bits) => [
    t.input(rowBegin, Math.ceil(((rowEnd - rowBegin) * bits) / 8), analog.nodes[tile]!),
  ];
}

/**
 * From wherever the overlapping parts of a vector are: each goes out once, to all nodes with a
 * block of the matrix that takes it; on its own node it is there already.
 */
export function fromSums(
  analog: AnalogPart,
  t: TemplateBuilder,
  sums: readonly ColumnSum[],
  matrix: number,
): Fetch {
  const takers = nodesByRows(analog, matrix);
  const sent = new Map<number, readonly number[]>();
  return (tile, rowBegin, rowEnd, bits) => {
    const node = analog.nodes[tile]!;
    const parts = sums.filter((sum) => sum.colBegin < rowEnd && sum.colEnd > rowBegin);
    const messages =
      sent.get(rowBegin) ??
      parts.map((sum) => {
        const rows = Math.min(sum.colEnd, rowEnd) - Math.max(sum.colBegin, rowBegin);
        const bytes = Math.ceil((rows * bits) / 8);
        return multicast(analog, t, sum, takers.get(rowBegin)!, bytes);
      });
    sent.set(rowBegin, messages);
    return parts.map((sum, i) => (analog.nodes[sum.tile]! === node ? sum.op : messages[i]!));
  };
}

/** Nodes that hold a block of each row block of a matrix. */
function nodesByRows({ mapping, tile, nodes }: AnalogPart, matrix: number) {
  const takers = new Map<number, Set<number>>();
  const first = mapping.blockBegin[matrix]!;
  mapping.cuts[matrix]!.rowBegin.forEach((rowBegin, i) => {
    const known = takers.get(rowBegin) ?? new Set<number>();
    takers.set(rowBegin, known.add(nodes[tile[first + i]!]!));
  });
  return takers;
}

/** A message with the part of a sum to all nodes but its own; the sum itself if there are none. */
function multicast(
  analog: AnalogPart,
  t: TemplateBuilder,
  sum: ColumnSum,
  takers: ReadonlySet<number>,
  bytes: number,
): number {
  const from = analog.nodes[sum.tile]!;
  const to = [...takers].filter((node) => node !== from);
  if (to.length === 0) return sum.op;
  const op = t.op(analog.ops.messageClass(bytes), ~analog.routes.treeOf(from, to));
  t.edge(sum.op, op);
  return op;
}
