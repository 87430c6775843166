import type { PriceList } from "../cost/price.ts";
import type { Tally } from "../lowering/tally.ts";
import type { BreakdownRow } from "../model/evaluation.ts";
import type { Charge, Op } from "../model/op.ts";
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
  /** Times that each class happened, and of messages the hops that they made. */
  const counts: number[] = [];
  const hops: number[] = [];
  return {
    add: (tally, hopsOf) => {
      while (counts.length < ops.length) {
        counts.push(0);
        hops.push(0);
      }
      for (let i = 0; i < tally.count.length; i++) {
        if (tally.count[i] === 0) continue;
        const resource = tally.resource[i]!;
        counts[tally.opClass[i]!]! += tally.count[i]!;
        if (resource < 0) hops[tally.opClass[i]!]! += tally.count[i]! * hopsOf(~resource);
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
      const chargeAll = (charges: readonly Charge[], times: number): void => {
        for (const { component, action, count, energy_pJ } of charges)
          if (times > 0) charge(component, action, times * count, times * energy_pJ);
      };
      counts.forEach((times, opClass) => {
        if (times === 0) return;
        const op = ops[opClass]!;
        chargeAll(prices.price(opClass).charges, times);
        if (op.kind === "message") chargeAll([list.messageCharge(op.bytes, 1)], hops[opClass]!);
      });
      for (const { component, instances, static_mW } of standing)
        if (static_mW > 0) charge(component, "static", instances, static_mW * duration_ns);
      return [...rows.values()];
    },
  };
}
