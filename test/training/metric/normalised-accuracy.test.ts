import fc from "fast-check";
import { expect, test } from "vitest";
import {
  normalisedAccuracy,
  normalisedEstimate,
} from "../../../src/training/metric/normalised-accuracy.ts";

const scales = fc
  .record({
    digital: fc.double({ min: 0, max: 5, noNaN: true }),
    gap: fc.double({ min: 0.01, max: 5, noNaN: true }),
  })
  .map(({ digital, gap }) => ({ digital, chance: digital + gap }));

test("WideResNet-50 of the paper: 23.76 against 21.53 with chance 99.9 is 97.2 %", () => {
  expect(normalisedAccuracy(23.76, { digital: 21.53, chance: 99.9 })).toBeCloseTo(0.972, 3);
});

test("1 at the digital error, 0 at chance, and falling in between", () => {
  fc.assert(
    fc.property(scales, fc.double({ min: 0, max: 1, noNaN: true }), (scale, share) => {
      expect(normalisedAccuracy(scale.digital, scale)).toBe(1);
      expect(normalisedAccuracy(scale.chance, scale)).toBeCloseTo(0, 12);
      const error = scale.digital + share * (scale.chance - scale.digital);
      expect(normalisedAccuracy(error, scale)).toBeCloseTo(1 - share, 9);
    }),
  );
});

test("the unit of the error does not matter", () => {
  fc.assert(
    fc.property(scales, fc.double({ min: 0, max: 9, noNaN: true }), (scale, error) => {
      const percent = { digital: 100 * scale.digital, chance: 100 * scale.chance };
      expect(normalisedAccuracy(100 * error, percent)).toBeCloseTo(
        normalisedAccuracy(error, scale),
        6,
      );
    }),
  );
});

test("a digital network that is no better than chance has no scale", () => {
  expect(() => normalisedAccuracy(1, { digital: 2, chance: 2 })).toThrow(/no better than chance/);
});

test("mean and standard error over programmings", () => {
  const { mean, sem } = normalisedEstimate([0.1, 0.2, 0.3], { digital: 0.1, chance: 1.1 });
  expect(mean).toBeCloseTo(0.9, 12);
  expect(sem).toBeCloseTo(0.1 / Math.sqrt(3), 12);
});
