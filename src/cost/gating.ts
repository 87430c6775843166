/**
 * Power gating: a part draws all of its static power while it works and a share of it while it
 * does not. What is left while idle counts as always drawn; the rest is charged op by op, so that
 * every level of timing agrees about it. Waking up takes no time and no energy: an upper bound on
 * what gating saves.
 *
 * @source the two-state model of Hu et al., "Microarchitectural techniques for power gating of
 *   execution units", ISLPED 2004, without its break-even time.
 */
import type { Gated } from "../model/arch.ts";
import type { Charge } from "../model/op.ts";

/** Static power of one part and how many of it a tile or core has. */
export interface StaticPart {
  readonly component: string;
  readonly instances: number;
  readonly static_mW: number;
}

/** Share of the static power that is drawn whatever happens; 1 without gating. */
export const idleShare = ({ gating }: Gated): number => gating?.idle_frac ?? 1;

/**
 * What parts draw on top of their idle power while an op keeps them busy.
 *
 * @param duration_ps of the op
 * @returns nothing for parts that are not gated
 */
export function awakeCharges(
  gated: Gated,
  parts: readonly StaticPart[],
  duration_ps: number,
): readonly Charge[] {
  const share = 1 - idleShare(gated);
  if (share === 0) return [];
  return parts
    .filter(({ static_mW }) => static_mW > 0)
    .map(({ component, instances, static_mW }) => ({
      component,
      action: "awake",
      count: instances,
      energy_pJ: (share * instances * static_mW * duration_ps) / PS_PER_NS,
    }));
}

/** mW x ns = pJ. */
const PS_PER_NS = 1000;
