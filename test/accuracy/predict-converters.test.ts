import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inputErrors } from "../../src/accuracy/predict-converters.ts";
import { SIZE_BINS, sizeOfBin } from "../../src/transformer/curvature.ts";

describe("DAC errors by the size of inputs", () => {
  test("inputs in units of their largest are never clipped: without rounding there is no error", () => {
    const { mean, square } = inputErrors(0, null);
    expect([...mean, ...square].every((error) => error === 0)).toBe(true);
    // With a range of its own, what is above it is.
    const top = inputErrors(0, 1);
    const bin = [...top.mean.keys()].find((i) => sizeOfBin(i) === 1)!;
    expect(top.mean[bin]).toBeCloseTo(-1 / 16, 12);
  });

  test("below the largest they are rounded as with a range of 1; the largest is a code", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32767 }), (levels) => {
        const dynamic = inputErrors(levels, null);
        const fixed = inputErrors(levels, 1);
        for (let bin = 0; bin < SIZE_BINS; bin++) {
          const isBelow = sizeOfBin(bin) < 1;
          expect(dynamic.mean[bin]).toBe(isBelow ? fixed.mean[bin] : 0);
          expect(dynamic.square[bin]).toBe(isBelow ? fixed.square[bin] : 0);
        }
      }),
      { numRuns: 20 },
    );
  });
});
