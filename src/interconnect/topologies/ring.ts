import type { Topology } from "../topology.ts";
import { createTorus } from "./torus.ts";

/**
 * Nodes in a ring, links both ways round: a torus of one row. The shorter way; on a tie upwards.
 *
 * @source Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, ch. 5.
 */
export function createRing({ nodes }: { readonly nodes: number }): Topology {
  return createTorus({ cols: nodes, rows: 1 });
}
