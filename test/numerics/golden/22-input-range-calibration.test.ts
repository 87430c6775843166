import { expect, test } from "vitest";
import { createRangeCollector, type RangeRule } from "../../../src/numerics/calibrate.ts";
import { quantile } from "../support.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";

const cases = readCases("22-input-range-calibration.json");
const WIDTH = 12;
const WHOLE = [{ rowBegin: 0, rowEnd: WIDTH }];

function collected(rule: RangeRule, c: Case): ArrayLike<number> {
  const collector = createRangeCollector(rule, WHOLE, WIDTH);
  for (const batch of batchesOf(c)) collector.add(batch, batch.length / WIDTH);
  return collector.ranges()!;
}

const batchesOf = (c: Case): Float32Array[] => c.batches.map((b: Case) => matrixOf(b).values);

/** Rules whose quantile is that of the signed inputs, as the reference has it; ours take |x|. */
const signedQuantile = (values: Float32Array, share: number): number =>
  quantile(values.toSorted(), share);

const RULES: Readonly<Record<string, (c: Case) => ArrayLike<number>>> = {
  Max: (c) => collected({ kind: "max" }, c),
  MovingStd: (c) => collected({ kind: "std", kappa: c.std_alpha }, c),
  MovingQuantile: (c) => {
    if (c.quantile === 1) return collected({ kind: "quantile", quantile_frac: 1 }, c);
    const batches = batchesOf(c);
    return [batches.reduce((sum, b) => sum + signedQuantile(b, c.quantile), 0) / batches.length];
  },
  // All 16 rows fit the cache of 1,000, so that nothing is random.
  CacheQuantile: (c) => [
    signedQuantile(Float32Array.from(batchesOf(c).flatMap((b) => [...b])), c.quantile),
  ],
};

test.each(named(cases))("%s", (_name, c) => {
  expectClose(RULES[c.calibration_type]!(c), c.input_range);
});

test("the quantile of |x| is that of the signed inputs and their mirror image", () => {
  const [batch] = batchesOf(cases[0]);
  const mirrored = Float32Array.from([...batch!, ...batch!.map((v) => -v)]);
  const ours = collected(
    { kind: "quantile", quantile_frac: 0.9 },
    { batches: [cases[0].batches[0]] },
  );
  expect(ours[0]!).toBeCloseTo(signedQuantile(mirrored, 0.95), 1);
});
