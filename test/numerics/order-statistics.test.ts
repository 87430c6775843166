import fc from "fast-check";
import { expect, test } from "vitest";
import { quantileOfMagnitudes } from "../../src/numerics/order-statistics.ts";
import { quantile } from "./support.ts";

test("a quantile of magnitudes is that of the sorted ones, ties and zeros included", () => {
  const value = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 1, -1, 1.0000001),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (array, share) => {
        const values = Float32Array.from(array);
        expect(quantileOfMagnitudes(values, share)).toBe(
          quantile(values.map(Math.abs).sort(), share),
        );
      },
    ),
    { numRuns: 500 },
  );
});
