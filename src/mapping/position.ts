import { type NetworkSize, nodeCount } from "../model/interconnect.ts";

/**
 * Network node of every tile: nodes in the order of their numbers, hubs left out, `tiles_per_node` on each.
 *
 * @param tiles number of tiles over all kinds
 * @returns node numbers. [tiles]
 * @throws Error if the network is too small; input checks have excluded that
 */
export function tileNodes(
  interconnect: NetworkSize & {
    readonly tiles_per_node: number;
    readonly hub_nodes: readonly number[];
  },
  tiles: number,
): Int32Array {
  const { hub_nodes, tiles_per_node } = interconnect;
  const hubs = new Set(hub_nodes);
  const nodes = new Int32Array(tiles);
  let tile = 0;
  for (let node = 0; node < nodeCount(interconnect) && tile < tiles; node++) {
    if (hubs.has(node)) continue;
    for (let i = 0; i < tiles_per_node && tile < tiles; i++) nodes[tile++] = node;
  }
  if (tile < tiles) throw new Error(`the network has places for ${tile} of ${tiles} tiles`);
  return nodes;
}

/** Node where the residual stream of a layer lives. Layer -1, the embedding, is at layer 0's. */
export function hubNode(mesh: { readonly hub_nodes: readonly number[] }, layer: number): number {
  return mesh.hub_nodes[Math.max(layer, 0) % mesh.hub_nodes.length]!;
}
