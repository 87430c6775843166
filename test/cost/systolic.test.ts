import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systolicCycles } from "../../src/cost/components/systolic.ts";
import { runOutputStationary, runWeightStationary, type SystolicRun } from "../oracle/systolic.ts";

const runs = {
  "weight-stationary": runWeightStationary,
  "output-stationary": runOutputStationary,
} as const;

const small = (max: number) => fc.integer({ min: 1, max });
const cases = fc.record({
  rows: small(5),
  cols: small(5),
  batch: small(3),
  tokens: small(12),
  inputs: small(12),
  outputs: small(12),
});

/** Small whole numbers, so that sums are exact. */
const filled = (rows: number, cols: number, salt: number) =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: cols }, (_, c) => ((r * 7 + c * 13 + salt * 5) % 11) - 5),
  );

const product = (a: number[][], b: number[][]) =>
  a.map((row) => b[0]!.map((_, c) => row.reduce((total, x, k) => total + x * b[k]![c]!, 0)));

describe.each(Object.entries(runs))("%s", (dataflow, run) => {
  test("takes the clocks of the array that is simulated register by register", () => {
    fc.assert(
      fc.property(cases, ({ rows, cols, batch, tokens, inputs, outputs }) => {
        const a = Array.from({ length: batch }, (_, i) => filled(tokens, inputs, i));
        const b = Array.from({ length: batch }, (_, i) => filled(inputs, outputs, i + 3));
        const oracle: SystolicRun = run(rows, cols, a, b);
        expect(oracle.results).toEqual(a.map((x, i) => product(x, b[i]!)));
        const cycles = systolicCycles(
          { rows, cols, dataflow: dataflow as keyof typeof runs },
          { batch, tokens, inputs, outputs },
        );
        expect(cycles.busy + cycles.drain).toBe(oracle.clocks);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("a fold that fills the array takes 2 R + C + T - 2 clocks (SCALE-Sim, equation 1)", () => {
    const [rows, cols, streamed] = [8, 16, 100];
    const full =
      dataflow === "weight-stationary"
        ? { tokens: streamed, inputs: rows, outputs: cols }
        : { tokens: rows, inputs: streamed, outputs: cols };
    const { busy, drain } = systolicCycles(
      { rows, cols, dataflow: dataflow as keyof typeof runs },
      { batch: 1, ...full },
    );
    expect(busy + drain).toBe(2 * rows + cols + streamed - 2);
  });

  test("never beats one multiply-accumulate per element and clock", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { busy, drain } = systolicCycles(
          { ...c, dataflow: dataflow as keyof typeof runs },
          c,
        );
        const macs = c.batch * c.tokens * c.inputs * c.outputs;
        expect(busy).toBeGreaterThan(0);
        expect((busy + drain) * c.rows * c.cols).toBeGreaterThanOrEqual(macs);
      }),
      { seed: 2 },
    );
  });
});
