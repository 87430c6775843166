import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fillNormals,
  fillUniforms,
  integerBelow,
  type NoiseAddress,
  PURPOSES,
  philox4x32,
  shuffle,
  uniformAt,
  wordAt,
} from "../../src/random/philox.ts";

fc.configureGlobal({ seed: 10 });
const HERE: NoiseAddress = { seed: 7, matrix: 3, block: 5, purpose: "output", row: 11 };

/** Sum over i of f(z_i) / n. */
function meanOf(values: Float32Array, f: (z: number) => number): number {
  let sum = 0;
  for (const z of values) sum += f(z);
  return sum / values.length;
}

function normals(n: number, address: NoiseAddress): Float32Array {
  const out = new Float32Array(n);
  fillNormals(out, address);
  return out;
}

describe("Philox4x32-10", () => {
  // The three known answers of Random123's test file (Salmon et al. 2011).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("counter %j, key %j", (counter, key, expected) => {
    const words = Uint32Array.from(counter);
    philox4x32(words, key[0]!, key[1]!);
    expect([...words]).toEqual(expected);
  });
});

describe("normals", () => {
  const N = 1 << 20;
  const sample = normals(N, HERE);

  // Allowed: 5 standard errors of each moment, so a true generator fails once in a million runs
  // and an error of 2 % in sigma (variance off by 4 %, 29 standard errors) cannot pass.
  test("first four moments", () => {
    expect(Math.abs(meanOf(sample, (z) => z))).toBeLessThan(5 * Math.sqrt(1 / N));
    expect(Math.abs(meanOf(sample, (z) => z * z) - 1)).toBeLessThan(5 * Math.sqrt(2 / N));
    expect(Math.abs(meanOf(sample, (z) => z ** 3))).toBeLessThan(5 * Math.sqrt(15 / N));
    expect(Math.abs(meanOf(sample, (z) => z ** 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / N));
  });

  test.each([
    [1, 0.3173105],
    [2, 0.0455003],
    [3, 0.0026998],
    [4, 6.334e-5],
  ])("share beyond %d sigma", (bound, share) => {
    const measured = meanOf(sample, (z) => (Math.abs(z) > bound ? 1 : 0));
    expect(Math.abs(measured - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / N));
  });

  test("Kolmogorov distance to the normal distribution", () => {
    const sorted = sample.slice(0, 1 << 16).sort();
    let distance = 0;
    for (let z = -3; z <= 3; z += 0.25) {
      let below = 0;
      for (const value of sorted) if (value <= z) below++;
      distance = Math.max(distance, Math.abs(below / sorted.length - normalCdf(z)));
    }
    expect(distance).toBeLessThan(2 / Math.sqrt(sorted.length));
  });

  test("no correlation between neighbours in index, row, matrix, block, purpose, seed", () => {
    const n = 1 << 17;
    const base = normals(n, HERE);
    const others = [
      normals(n + 1, HERE).subarray(1),
      normals(n + 4, HERE).subarray(4),
      normals(n, { ...HERE, row: HERE.row + 1 }),
      normals(n, { ...HERE, matrix: HERE.matrix + 1 }),
      normals(n, { ...HERE, block: HERE.block + 1 }),
      normals(n, { ...HERE, purpose: "weight-read" }),
      normals(n, { ...HERE, seed: HERE.seed + 1 }),
      normals(n, { ...HERE, seed: HERE.seed + 2 ** 32 }),
    ];
    for (const other of others) {
      let product = 0;
      for (let i = 0; i < n; i++) product += base[i]! * other[i]!;
      expect(Math.abs(product / n)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  test("number i does not depend on how many are drawn", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (n) => {
        expect(normals(n, HERE)).toEqual(sample.slice(0, n));
      }),
    );
  });

  test("the largest and smallest words give finite numbers", () => {
    for (let row = 0; row < 64; row++) {
      for (const z of normals(64, { ...HERE, row, seed: 2 ** 53 - 1 })) {
        expect(Number.isFinite(z)).toBe(true);
      }
    }
  });
});

/** Standard normal distribution function by Simpson's rule from 0. */
function normalCdf(z: number): number {
  const steps = 400;
  const h = z / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp((-(i * h) * (i * h)) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

describe("uniforms", () => {
  test("mean, variance and range", () => {
    const n = 1 << 18;
    const u = new Float32Array(n);
    fillUniforms(u, HERE);
    expect(Math.abs(meanOf(u, (x) => x) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    // Var of (u - 1/2)^2 is 1/180.
    expect(Math.abs(meanOf(u, (x) => (x - 0.5) ** 2) - 1 / 12)).toBeLessThan(
      5 * Math.sqrt(1 / 180 / n),
    );
    expect(meanOf(u, (x) => (x >= 0 && x < 1 ? 0 : 1))).toBe(0);
  });

  test("one at a time equals many at once", () => {
    const u = new Float32Array(40);
    fillUniforms(u, HERE);
    expect(Array.from(u, (_, i) => uniformAt(HERE, i))).toEqual([...u]);
  });

  test("integers fill their range evenly", () => {
    const counts = new Array<number>(6).fill(0);
    const n = 6000;
    for (let i = 0; i < n; i++) counts[integerBelow(6, HERE, i)]!++;
    // Chi-square of 5 degrees of freedom: above 25.7 once in 10,000.
    const chi2 = counts.reduce((sum, count) => sum + (count - n / 6) ** 2 / (n / 6), 0);
    expect(chi2).toBeLessThan(25.7);
  });
});

test("a shuffle is a permutation, every place equally likely", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
      const order = shuffle(n, { ...HERE, seed });
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }),
  );
  const runs = 4000;
  const firstPlace = new Array<number>(4).fill(0);
  for (let row = 0; row < runs; row++) firstPlace[shuffle(4, { ...HERE, row })[0]!]!++;
  // Chi-square of 3 degrees of freedom: above 21.1 once in 10,000.
  const chi2 = firstPlace.reduce((sum, count) => sum + (count - runs / 4) ** 2 / (runs / 4), 0);
  expect(chi2).toBeLessThan(21.1);
});

test("addresses do not collide: purposes have distinct codes below 256", () => {
  const codes = Object.values(PURPOSES);
  expect(new Set(codes).size).toBe(codes.length);
  expect(Math.max(...codes)).toBeLessThan(256);
});

test("a seed that is no whole number is an error", () => {
  expect(() => wordAt({ ...HERE, seed: -1 }, 0)).toThrow("seed");
  expect(() => wordAt({ ...HERE, seed: 0.5 }, 0)).toThrow("seed");
});
