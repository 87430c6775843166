import type { PriceList } from "../cost/price.ts";
import type { Tally } from "../lowering/tally.ts";
import type { BreakdownRow } from "../model/evaluation.ts";
import type { Op } from "../model/op.ts";
import type { ClassPrices } from "./prices.ts";

type Phase = BreakdownRow["phase"];

/** Adds up what happened in one phase, and prices it. */
export interface Account {
  /** @param hopsOf links that a route crosses */
  readonly add: (tally: Tally, hopsOf: (route: number) => number) => void;
  /**
   * Rows of the phase: what its ops did, then what every component draws all the time.
   *
   * @param duration_ns how long the phase takes
   */
  readonly rows: (duration_ns: number, standing: readonly StandingPower[]) => BreakdownRow[];
}

/** Power drawn whether or not there is work. */
export interface StandingPower {
  readonly component: string;
  readonly instances: number;
  readonly static_mW: number;
}

export function createAccount(
  phase: Phase,
  ops: readonly Op[],
  prices: ClassPrices,
  list: PriceList,
): Account {
  /** Times that each class happened; of messages, weighted with hops. */
  const counts: number[] = [];
  return {
    add: (tally, hopsOf) => {
      while (counts.length < ops.length) counts.push(0);
      for (let i = 0; i < tally.count.length; i++) {
        if (tally.count[i] === 0) continue;
        const resource = tally.resource[i]!;
        const weight = resource < 0 ? hopsOf(~resource) : 1;
        counts[tally.opClass[i]!]! += tally.count[i]! * weight;
      }
    },
    rows: (duration_ns, standing) => {
      const rows = new Map<string, { -readonly [K in keyof BreakdownRow]: BreakdownRow[K] }>();
      const charge = (component: string, action: string, count: number, energy_pJ: number) => {
        const key = `${component}\n${action}`;
        const row = rows.get(key) ?? { phase, component, action, count: 0, energy_pJ: 0 };
        row.count += count;
        row.energy_pJ += energy_pJ;
        rows.set(key, row);
      };
      counts.forEach((times, opClass) => {
        if (times === 0) return;
        const op = ops[opClass]!;
        const charges =
          op.kind === "message" ? [list.messageCharge(op.bytes, 1)] : prices.price(opClass).charges;
        for (const { component, action, count, energy_pJ } of charges)
          charge(component, action, times * count, times * energy_pJ);
      });
      for (const { component, instances, static_mW } of standing)
        if (static_mW > 0) charge(component, "static", instances, static_mW * duration_ns);
      return [...rows.values()];
    },
  };
}
