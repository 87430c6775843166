import { treeLevels } from "../../model/interconnect.ts";
import type { Topology } from "../topology.ts";

/**
 * A tree of switches with `arity` branches each and the nodes at the lowest ones; all links are
 * alike, so the root is the bottleneck. A message climbs to the first common switch and descends:
 * 2 h - 1 switches, h being the height of that one.
 *
 * Switches follow the nodes, level by level, the root last. Link v leads down into vertex v; link
 * `vertices + s` leads up from switch `nodes + s`.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 6.
 */
export function createTree(tree: { readonly nodes: number; readonly arity: number }): Topology {
  const { nodes } = tree;
  const parent = parents(tree);
  const vertices = parent.length;
  const up = (vertex: number): number => vertices + vertex - nodes;
  return {
    nodes,
    vertices,
    links: 2 * vertices - nodes,
    entry: (node) => parent[node]!,
    exit: (node) => node,
    route: (from, to) => {
      if (from === to) return [];
      const climb: number[] = [];
      const descent = [to];
      let a = parent[from]!;
      let b = parent[to]!;
      for (; a !== b; a = parent[a]!, b = parent[b]!) {
        climb.push(up(a));
        descent.push(b);
      }
      return [...climb, ...descent.reverse()];
    },
    linkEnds: (link) => {
      const vertex = link < vertices ? link : link - vertices + nodes;
      const above = parent[vertex]!;
      if (above < 0) return null;
      return link < vertices ? [above, vertex] : [vertex, above];
    },
  };
}

/** Switch above each vertex, -1 above the root. [vertices] */
function parents(tree: { readonly nodes: number; readonly arity: number }): Int32Array {
  const levels = [tree.nodes, ...treeLevels(tree)];
  const parent = new Int32Array(levels.reduce((sum, size) => sum + size, 0)).fill(-1);
  let first = 0;
  for (const size of levels.slice(0, -1)) {
    for (let i = 0; i < size; i++) parent[first + i] = first + size + Math.floor(i / tree.arity);
    first += size;
  }
  return parent;
}
