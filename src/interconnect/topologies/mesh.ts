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
  const route: number[] = [];
  const corner = from - (from % cols) + (to % cols);
  for (let node = from; node < corner; node++) route.push(4 * node);
  for (let node = from; node > corner; node--) route.push(4 * node + 1);
  for (let node = corner; node < to; node += cols) route.push(4 * node + 2);
  for (let node = corner; node > to; node -= cols) route.push(4 * node + 3);
  return route;
}
