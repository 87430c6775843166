/** A link between chips that draws its power whether it sends or not. */
export interface ConstantPowerLink {
  readonly power_mW: number;
  readonly area_um2: number;
  readonly bandwidth_GBps: number;
}

/**
 * HyperTransport as ISAAC and PUMA use it: a quarter of 10.4 W and 22.88 mm2.
 *
 * @source Shafiee et al., ISCA 2016 (October 2016 text), table I: 4 links at 1.6 GHz, 6.4 GB/s each
 */
export const HYPERTRANSPORT: ConstantPowerLink = {
  power_mW: 2600,
  area_um2: 5_720_000,
  bandwidth_GBps: 6.4,
};

/**
 * Links as a constant-power part of an arch file (`fixed`).
 *
 * Not a price per byte: that would make an idle link free and a busy one dear.
 */
export function constantPowerPart(
  link: ConstantPowerLink,
  count: number,
): { readonly area_um2: number; readonly static_mW: number } {
  return { area_um2: count * link.area_um2, static_mW: count * link.power_mW };
}

/**
 * Energy that a bit then takes at a given load: for comparing with links that are priced per bit.
 *
 * @param load_frac share of the bandwidth that is used, > 0
 */
export function linkBit_pJ(link: ConstantPowerLink, load_frac: number): number {
  return link.power_mW / (8 * link.bandwidth_GBps * load_frac);
}
