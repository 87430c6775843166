import { createTopology } from "../interconnect/index.ts";
import { cutOff } from "../interconnect/table-routing.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { tileNodes } from "../mapping/position.ts";
import type { Arch } from "../model/arch.ts";
import { deadLinks } from "../model/interconnect.ts";

/** Nodes that a reason lists before it only counts. */
const LISTED = 8;

/** Why the mapped chip cannot work: hubs or tiles in use that no way leads to; null if it can. */
export function disconnection(arch: Arch, mapping: Mapping): string | null {
  const { interconnect } = arch;
  if (deadLinks(interconnect).length === 0) return null;
  const hub = interconnect.hub_nodes[0]!;
  const cut = cutOff(createTopology(interconnect), hub, nodesInUse(arch, mapping));
  if (cut.length === 0) return null;
  const more = cut.length > LISTED ? ` and ${cut.length - LISTED} more` : "";
  const nodes = `${cut.length === 1 ? "node" : "nodes"} ${cut.slice(0, LISTED).join(", ")}${more}`;
  return `dead links cut the network: no way is left from hub node ${hub} to ${nodes}`;
}

/** Hubs, and nodes of tiles that hold weights; ascending. */
function nodesInUse(
  { interconnect, tiles }: Arch,
  { tile, slots, copies }: Mapping,
): readonly number[] {
  const nodes = tileNodes(
    interconnect,
    tiles.reduce((sum, { count }) => sum + count, 0),
  );
  const used = new Set(interconnect.hub_nodes);
  for (const t of tile) if (t >= 0) used.add(nodes[t]!);
  for (const t of slots?.tile ?? []) used.add(nodes[t]!);
  for (const t of copies?.tile ?? []) used.add(nodes[t]!);
  return [...used].sort((a, b) => a - b);
}
