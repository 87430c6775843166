import fc from "fast-check";
import { expect, test } from "vitest";
import { differences, isRegression } from "../../src/report/differences.ts";

const one = (before: object, after: object) =>
  differences("row", before as never, after as never).map(({ field, change_frac, verdict }) => [
    field,
    change_frac,
    verdict,
  ]);

test("a row does not differ from itself", () => {
  // No NaN: files are JSON.
  const values = fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(fc.string(), values), (row) => {
      expect(differences("row", row, { ...row })).toEqual([]);
    }),
  );
});

test("what is better in one direction is worse in the other, by the same amount", () => {
  const number = fc.double({ min: 1, max: 1000, noNaN: true });
  fc.assert(
    fc.property(number, number, (a, b) => {
      fc.pre(a !== b);
      const [there] = differences("", { energy_pJ_per_token: a }, { energy_pJ_per_token: b });
      const [back] = differences("", { energy_pJ_per_token: b }, { energy_pJ_per_token: a });
      expect([there!.verdict, back!.verdict].sort()).toEqual(["better", "worse"]);
      expect(there!.change_frac! * a).toBeCloseTo(-back!.change_frac! * b, 6);
    }),
  );
});

test("the direction belongs to the field", () => {
  expect(one({ decode_latency_ns: 10 }, { decode_latency_ns: 11 })).toEqual([
    ["decode_latency_ns", 0.1, "worse"],
  ]);
  expect(one({ tokens_per_J: 10 }, { tokens_per_J: 11 })).toEqual([
    ["tokens_per_J", 0.1, "better"],
  ]);
  expect(one({ tiles_used: 10 }, { tiles_used: 11 })).toEqual([["tiles_used", 0.1, "changed"]]);
});

test("a change of less than two standard errors of the difference is within noise", () => {
  const before = { perplexity: 50, perplexity_sem: 0.3 };
  expect(one(before, { perplexity: 50.8, perplexity_sem: 0.3 })).toEqual(
    [["perplexity", 0.8 / 50, "within noise"]].map(([f, , v]) => [f, expect.closeTo(0.016, 12), v]),
  );
  expect(one(before, { perplexity: 50.9, perplexity_sem: 0.3 })[0]![2]).toBe("worse");
  const nll = { nll_nats: 3, nll_sem_nats: 0.1 };
  expect(one(nll, { nll_nats: 3.2, nll_sem_nats: 0.1 })[0]![2]).toBe("within noise");
});

test("a value that vanishes and a new error are worse beyond any share", () => {
  const [gone] = differences("", { nll_nats: 3 }, { nll_nats: null });
  const [broken] = differences("", { error: null }, { error: "no room" });
  const [infeasible] = differences("", { feasible: true }, { feasible: false });
  for (const difference of [gone!, broken!, infeasible!]) {
    expect(difference.verdict).toBe("worse");
    expect(isRegression(difference, 1e6)).toBe(true);
  }
});

test("only what is worse by more than the share is a regression", () => {
  const [worse] = differences("", { area_mm2: 100 }, { area_mm2: 105 });
  expect(isRegression(worse!, 0.05)).toBe(false);
  expect(isRegression(worse!, 0.049)).toBe(true);
  const [better] = differences("", { area_mm2: 100 }, { area_mm2: 50 });
  expect(isRegression(better!, 0)).toBe(false);
});
