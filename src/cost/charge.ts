import type { Charge } from "../model/op.ts";

/**
 * Prices `count` events of one kind.
 *
 * @param each_pJ energy of one event
 */
export function charge(component: string, action: string, count: number, each_pJ: number): Charge {
  return { component, action, count, energy_pJ: count * each_pJ };
}
