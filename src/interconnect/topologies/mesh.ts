import type { Topology } from "../topology.ts";

/** Node number change of each direction: east, west, south, north. */
const steps = (cols: number): readonly number[] => [1, -1, cols, -cols];

/**
 * A mesh of `cols` x `rows` routers under dimension-ordered (XY) routing: first along x, then
 * along y. Deadlock-free, as no message turns from y to x.
 *
 * Nodes are numbered row by row. Directed links are numbered `4 * node + direction`, direction
 * being 0 east, 1 west, 2 south, 3 north; numbers of links that would leave the mesh are unused.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 8.
 */
export function createMesh(mesh: { readonly cols: number; readonly rows: number }): Topology {
  const { cols, rows } = mesh;
  return {
    nodes: cols * rows,
    links: 4 * cols * rows,
    route: (from, to) => xyRoute(cols, from, to),
    linkEnds: (link) => {
      const node = link >> 2;
      return [node, node + steps(cols)[link & 3]!];
    },
  };
}

function xyRoute(cols: number, from: number, to: number): readonly number[] {
  const corner = from - (from % cols) + (to % cols);
  return [
    ...straight(from, corner, corner >= from ? 0 : 1, cols),
    ...straight(corner, to, to >= corner ? 2 : 3, cols),
  ];
}

function straight(from: number, to: number, direction: number, cols: number): number[] {
  const step = steps(cols)[direction]!;
  return Array.from({ length: (to - from) / step }, (_, i) => 4 * (from + i * step) + direction);
}
