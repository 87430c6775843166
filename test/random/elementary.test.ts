import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp32, ln32 } from "../../src/random/elementary.ts";

describe("float32 ln and exp", () => {
  test("ln: within 3e-7 of its value, or of 1 where that is small", () => {
    fc.assert(
      fc.property(fc.float({ min: 2 ** -100, max: 2 ** 100, noNaN: true }), (x) => {
        const exact = Math.log(x);
        expect(Math.abs(ln32(x) - exact)).toBeLessThan(3e-7 * Math.max(1, Math.abs(exact)));
      }),
      { numRuns: 2000 },
    );
    expect(ln32(1)).toBe(0);
  });

  test("exp: within 2.5e-7 relative, bounded beyond -80..80", () => {
    fc.assert(
      fc.property(fc.float({ min: -80, max: 80, noNaN: true }), (x) => {
        expect(Math.abs(exp32(x) / Math.exp(x) - 1)).toBeLessThan(2.5e-7);
      }),
      { numRuns: 2000 },
    );
    expect(exp32(0)).toBe(1);
    expect(exp32(-1e30)).toBe(exp32(-80));
    expect(exp32(1e30)).toBe(exp32(80));
  });
});
