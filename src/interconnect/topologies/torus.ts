import { routersInNodes, type Topology } from "../topology.ts";

/**
 * A torus of `cols` x `rows` routers: a mesh whose rows and columns are rings. Dimension-ordered,
 * x first, the shorter way round; on a tie east or south.
 *
 * Numbered like the mesh. The rings need two virtual channels against deadlock; the timing model
 * has unbounded buffers instead.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 5, 14.
 */
export function createTorus(torus: { readonly cols: number; readonly rows: number }): Topology {
  const { cols, rows } = torus;
  return {
    ...routersInNodes,
    nodes: cols * rows,
    vertices: cols * rows,
    links: 4 * cols * rows,
    route: (from, to) => {
      const row = Math.floor(from / cols);
      const col = to % cols;
      return [
        ...walk(from % cols, col, cols, (x, forward) => 4 * (row * cols + x) + (forward ? 0 : 1)),
        ...walk(
          row,
          Math.floor(to / cols),
          rows,
          (y, forward) => 4 * (y * cols + col) + (forward ? 2 : 3),
        ),
      ];
    },
    linkEnds: (link) => {
      const node = link >> 2;
      const [x, y] = [node % cols, Math.floor(node / cols)];
      const ends = [
        y * cols + ((x + 1) % cols),
        y * cols + ((x + cols - 1) % cols),
        ((y + 1) % rows) * cols + x,
        ((y + rows - 1) % rows) * cols + x,
      ];
      const size = (link & 3) < 2 ? cols : rows;
      return size === 1 ? null : [node, ends[link & 3]!];
    },
  };
}

/** Links from place to place around a ring of that size, the shorter way. */
function walk(
  from: number,
  to: number,
  size: number,
  linkAt: (place: number, forward: boolean) => number,
): number[] {
  const ahead = (to - from + size) % size;
  const forward = 2 * ahead <= size;
  const hops = forward ? ahead : size - ahead;
  return Array.from({ length: hops }, (_, i) =>
    linkAt((from + (forward ? i : size - i)) % size, forward),
  );
}
