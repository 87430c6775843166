/** The part of a chip that decides which ops there are; everything else only prices them. */
import { digitalPart } from "../lowering/cores.ts";
import type { Arch } from "../model/arch.ts";

/**
 * What digital work depends on: kinds, numbers and widths of cores, and which memory holds what.
 *
 * @param kvMemory index into `arch.memories`
 */
export function digitalStructure(arch: Arch, kvMemory: number): string {
  const cores = arch.cores.map(({ kind }) => kind);
  return JSON.stringify([cores, arch.memories.length, digitalPart(arch), kvMemory]);
}

/** What analog work depends on: crossbars, width of inputs, number of tiles, network. */
export function analogStructure({ tiles, interconnect, cores, memories }: Arch): string {
  const { link_GBps, hop_ns, hop_pJ_per_B, area_um2, static_mW, source, evidence, ...network } =
    interconnect;
  const kinds = tiles.map(({ count, crossbar, input }) => [
    count,
    crossbar.rows,
    crossbar.cols,
    crossbar.tiers,
    crossbar.slices,
    input.bits,
  ]);
  return JSON.stringify([kinds, network, cores.length, memories.length]);
}
