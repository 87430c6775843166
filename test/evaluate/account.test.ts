import { expect, test } from "vitest";
import type { PriceList } from "../../src/cost/price.ts";
import { createAccount } from "../../src/evaluate/account.ts";
import { createClassPrices } from "../../src/evaluate/prices.ts";
import type { Op } from "../../src/model/op.ts";

const ops: Op[] = [
  { kind: "mvm", tileKind: 0, rows: 2, cols: 3 },
  { kind: "message", bytes: 10 },
  { kind: "program", tileKind: 0 },
];
const list: PriceList = {
  price: (op) => ({
    duration_ps: 1,
    tail_ps: 0,
    charges:
      op.kind === "message"
        ? []
        : [
            { component: "tile", action: "work", count: 4, energy_pJ: 6 },
            { component: op.kind, action: "work", count: 1, energy_pJ: 0.5 },
          ],
  }),
  hop_ps: 1,
  messageCharge: (bytes, hops) => ({
    component: "interconnect",
    action: "byte hop",
    count: bytes * hops,
    energy_pJ: 3 * bytes * hops,
  }),
};

test("charges times counts, messages by bytes and hops, static power by time", () => {
  const account = createAccount("decode", ops, createClassPrices(ops, list), list);
  const hopsOf = (route: number): number => [0, 5][route]!;
  const tally = (opClass: number[], resource: number[], count: number[]) => ({
    opCount: 0,
    opClass: Int32Array.from(opClass),
    resource: Int32Array.from(resource),
    count: Float64Array.from(count),
  });
  account.add(tally([0, 1, 1, 2], [7, ~0, ~1, 7], [10, 100, 2, 1]), hopsOf);
  account.add(tally([0], [8], [5]), hopsOf);
  const standing = [
    { component: "tile", instances: 2, static_mW: 0.25 },
    { component: "fan", instances: 1, static_mW: 0 },
  ];
  expect(account.rows(8, standing)).toEqual([
    { phase: "decode", component: "tile", action: "work", count: 64, energy_pJ: 96 },
    { phase: "decode", component: "mvm", action: "work", count: 15, energy_pJ: 7.5 },
    { phase: "decode", component: "interconnect", action: "byte hop", count: 100, energy_pJ: 300 },
    { phase: "decode", component: "program", action: "work", count: 1, energy_pJ: 0.5 },
    { phase: "decode", component: "tile", action: "static", count: 2, energy_pJ: 2 },
  ]);
});
