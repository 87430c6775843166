import { beforeAll, describe, expect, test } from "vitest";
import { readArch } from "../../../src/cli/inputs.ts";
import { openEngine } from "../../../src/cli/open-engine.ts";
import type { ReusableEngine } from "../../../src/numerics/engines/reusable.ts";
import {
  mvmError,
  type StandardProduct,
  standardProduct,
} from "../../../src/training/tolerance/mvm-error.ts";
import {
  idealTile,
  NONIDEALITY_NAMES,
  type NonidealityName,
  nonideality,
  tileWith,
} from "../../../src/training/tolerance/nonidealities.ts";

const tile = readArch("hetero-pcm").tiles[0]!;
const small = { ...tile, crossbar: { ...tile.crossbar, rows: 128, cols: 128 } };
const HOUR_S = 3600;
const atOneHour = { seed: 1, age_s: HOUR_S };
let engine: ReusableEngine;
let product: StandardProduct;
beforeAll(async () => {
  engine = await openEngine("wasm");
  product = standardProduct(small, 32);
});

const errorWith = (name: NonidealityName, value: number): number =>
  mvmError(tileWith(small, name, value, "off")!, product, engine, atOneHour);

describe.each(NONIDEALITY_NAMES)("%s", (name) => {
  test("at its mildest the product is all but exact, and it gets worse from there", () => {
    const { start, mildest, harshest } = nonideality(name).axis;
    const errors = [mildest, start, harshest].map((value) => errorWith(name, value));
    expect(errors[0]!).toBeLessThan(0.01);
    expect(errors[1]!).toBeGreaterThan(2 * errors[0]!);
    expect(errors[2]!).toBeGreaterThan(0.2);
  });
});

test("without any the product is exact but for clipping of the inputs", () => {
  for (const name of NONIDEALITY_NAMES)
    expect(mvmError(idealTile(small, name), product, engine, atOneHour)).toBeLessThan(0.005);
});

test("output noise of s alone is an error of s over the root mean square of the sums", () => {
  // Both of 128 normal weights over their largest and inputs over their range.
  const exact = Math.sqrt(128);
  const column = product.weights.subarray(0, 128);
  const largest = column.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
  const range = product.x.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const expected = (0.16 * range * largest) / exact;
  expect(errorWith("output_noise", 0.16) / expected).toBeGreaterThan(0.8);
  expect(errorWith("output_noise", 0.16) / expected).toBeLessThan(1.25);
});

test("beside the others nothing else of the tile changes", () => {
  const changed = tileWith(tile, "output_noise", 0.3, "on")!;
  expect(changed.numerics.output_noise.std).toBe(0.3);
  expect({ ...changed, numerics: null }).toEqual({ ...tile, numerics: null });
  expect({ ...changed.numerics, output_noise: null }).toEqual({
    ...tile.numerics,
    output_noise: null,
  });
});

test("devices that have no noise have no tolerance of it", () => {
  const devices = { kind: "ideal", source: "test", evidence: "assumed" } as const;
  const bare = { ...tile, numerics: { ...tile.numerics, devices } };
  expect(tileWith(bare, "programming_noise", 1, "on")).toBeNull();
});
