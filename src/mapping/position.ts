/**
 * Network node of every tile: nodes in row-major order, hubs left out, `tiles_per_node` on each.
 *
 * @param tiles number of tiles over all kinds
 * @returns node numbers. [tiles]
 * @throws Error if the mesh is too small; input checks have excluded that
 */
export function tileNodes(
  mesh: {
    readonly cols: number;
    readonly rows: number;
    readonly tiles_per_node: number;
    readonly hub_nodes: readonly number[];
  },
  tiles: number,
): Int32Array {
  const hubs = new Set(mesh.hub_nodes);
  const nodes = new Int32Array(tiles);
  let tile = 0;
  for (let node = 0; node < mesh.cols * mesh.rows && tile < tiles; node++) {
    if (hubs.has(node)) continue;
    for (let i = 0; i < mesh.tiles_per_node && tile < tiles; i++) nodes[tile++] = node;
  }
  if (tile < tiles) throw new Error(`the mesh has places for ${tile} of ${tiles} tiles`);
  return nodes;
}

/** Node where the residual stream of a layer lives. Layer -1, the embedding, is at layer 0's. */
export function hubNode(mesh: { readonly hub_nodes: readonly number[] }, layer: number): number {
  return mesh.hub_nodes[Math.max(layer, 0) % mesh.hub_nodes.length]!;
}
