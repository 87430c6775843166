import { routersInNodes, type Topology } from "../topology.ts";

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
    ...routersInNodes,
    nodes: cols * rows,
    vertices: cols * rows,
    links: 4 * cols * rows,
    route: (from, to) => xyRoute(cols, from, to),
    linkEnds: (link) => meshLinkEnds(cols, rows, link),
  };
}

/** Links of the routes of a mesh, see there. */
export function xyRoute(cols: number, from: number, to: number): readonly number[] {
  const route: number[] = [];
  const corner = from - (from % cols) + (to % cols);
  for (let node = from; node < corner; node++) route.push(4 * node);
  for (let node = from; node > corner; node--) route.push(4 * node + 1);
  for (let node = corner; node < to; node += cols) route.push(4 * node + 2);
  for (let node = corner; node > to; node -= cols) route.push(4 * node + 3);
  return route;
}

/** The routers that a link of a mesh joins; null where the mesh ends. */
export function meshLinkEnds(
  cols: number,
  rows: number,
  link: number,
): readonly [number, number] | null {
  const router = link >> 2;
  const [x, y] = [router % cols, Math.floor(router / cols)];
  const isLink = [x + 1 < cols, x > 0, y + 1 < rows, y > 0][link & 3]!;
  return isLink ? [router, router + [1, -1, cols, -cols][link & 3]!] : null;
}
