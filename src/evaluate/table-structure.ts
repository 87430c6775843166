/**
 * The fields of a chip that decide which ops there are, as text. Chips with one structure have the
 * same counts, however their prices differ: energies, times, bandwidths, clocks, converters.
 */
import type { DigitalPart } from "../lowering/cores.ts";
import type { Arch } from "../model/arch.ts";
import { routerAdd_pJ } from "../model/interconnect.ts";

/**
 * What digital work depends on: kinds, numbers and widths of cores, which memory holds what, and
 * the network, over which the residual stream goes from hub to hub.
 *
 * @param kvMemory index into `arch.memories`
 */
export function digitalStructure(arch: Arch, part: DigitalPart, kvMemory: number): string {
  const cores = arch.cores.map(({ kind }) => kind);
  const { tiles, memories } = arch;
  return JSON.stringify([cores, memories.length, tiles.length, part, kvMemory, networkOf(arch)]);
}

/** What analog work depends on: crossbars, width of inputs, number of tiles, network. */
export function analogStructure(arch: Arch): string {
  const kinds = arch.tiles.map(({ count, crossbar: { rows, cols, tiers, slices }, input }) => [
    [count, rows, cols, tiers, slices],
    input.bits,
  ]);
  return JSON.stringify([kinds, arch.cores.length, arch.memories.length, networkOf(arch)]);
}

function networkOf({ interconnect }: Arch): unknown {
  const { link_GBps, hop_ns, hop_pJ_per_B, area_um2, static_mW, ...network } = interconnect;
  const reduces = routerAdd_pJ(interconnect) !== null;
  return { ...network, source: null, evidence: null, reduction: null, reduces };
}
