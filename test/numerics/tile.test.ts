import { describe, expect, test } from "vitest";
import type { AnalogNumerics } from "../../src/model/analog-numerics.ts";
import { only, without } from "../../src/numerics/effects.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import type { ProgramRequest } from "../../src/numerics/program.ts";
import { createTileProjection, requestOfTile } from "../../src/numerics/tile.ts";
import { device, matrixOf, maxAbs, normals, numericsWith, std, tiling } from "./support.ts";

const origin = { source: "test", evidence: "assumed" } as const;
const engine = createEngine("wasm");
const OUTPUTS = 24;
const INPUTS = 40;
const ROWS = 50;
const w = normals(OUTPUTS * INPUTS, 81, 0.1);
const x = normals(ROWS * INPUTS, 82);
const rowIds = Uint32Array.from({ length: ROWS }, (_, i) => i);

interface TileChange {
  readonly crossbar?: { readonly slices: number; readonly cell_bits?: number };
  readonly input?: { readonly bits: number; readonly bits_per_phase: number };
  readonly output?: { readonly bits: number };
  readonly numerics?: Partial<AnalogNumerics>;
}

function tileOf({ crossbar, input, output, numerics }: TileChange = {}) {
  return {
    name: "t",
    crossbar: { rows: 20, cols: 24, tiers: 1, slices: 1, devices_per_cell: 2, ...crossbar },
    input: { encoding: "pulse-width" as const, bits: 8, bits_per_phase: 8, ...input },
    output: { bits: 12, columns_per_adc: 1, ...output },
    numerics: numericsWith({ output_bound: 10, ...numerics }),
  };
}

const requestOf = (change: TileChange, more: Partial<ProgramRequest> = {}): ProgramRequest => ({
  ...requestOfTile(tileOf(change)),
  weights: w,
  matrix: matrixOf(OUTPUTS, INPUTS),
  blocks: tiling(OUTPUTS, INPUTS, 20, 24),
  inputRanges: [4, 4],
  seed: 1,
  noise_scale: 1,
  age_s: 0,
  ...more,
});

function apply(request: ProgramRequest, rows = ROWS): Float32Array {
  const y = new Float32Array(rows * OUTPUTS);
  const projection = createTileProjection(engine, request);
  projection.apply(x, rows, rowIds, y);
  projection.dispose();
  return y;
}

const exact = new Float32Array(ROWS * OUTPUTS);
engine.digital(w, OUTPUTS, INPUTS).apply(x, ROWS, rowIds, exact);
const errorOf = (y: Float32Array) => std(y.map((v, i) => v - exact[i]!)) / std(exact);

const ISAAC: TileChange = {
  crossbar: { slices: 8, cell_bits: 2 },
  input: { bits: 16, bits_per_phase: 1 },
  output: { bits: 8 },
};

describe("the path of a tile", () => {
  test("bit slices with lossless conversions are the product of 16-bit codes", () => {
    const lossless = { ...ISAAC, numerics: { lossless_conversions: true } };
    expect(errorOf(apply(requestOf(lossless)))).toBeLessThan(1e-4);
    // Without it an 8-bit ADC over +-10 (of sums up to 20) rounds each of the 120 conversions.
    expect(errorOf(apply(requestOf(ISAAC)))).toBeGreaterThan(1e-3);
  });

  test("the one product that stands for lossless reads is equal to the reads themselves", () => {
    const numerics = { lossless_conversions: true };
    // Noise of a billionth of a digit forces the reads and leaves every code as it is.
    const noisy = { ...numerics, output_noise: { std: 1e-9, ...origin } };
    const short = apply(requestOf({ ...ISAAC, numerics }));
    const long = apply(requestOf({ ...ISAAC, numerics: noisy }));
    const off = short.map((v, i) => v - long[i]!);
    expect(maxAbs(off)).toBeLessThan(2e-6 * maxAbs(exact));
  });

  test("bit-serial inputs of an analog weight", () => {
    const serial = { input: { bits: 8, bits_per_phase: 2 }, output: { bits: 16 } };
    const once = { output: { bits: 16 } };
    const off = apply(requestOf(serial)).map((v, i) => v - apply(requestOf(once))[i]!);
    expect(maxAbs(off)).toBeLessThan(2e-3 * maxAbs(exact));
  });

  test("finite conductance levels round weights", () => {
    const coarse = requestOf({ crossbar: { slices: 1, cell_bits: 3 } });
    expect(coarse.levels).toBe(8);
    expect(errorOf(apply(only(coarse, "levels")))).toBeGreaterThan(0.05);
    expect(errorOf(apply(without(coarse, ["levels", "dac", "adc"])))).toBeLessThan(1e-6);
  });

  test("slices without a number of bits are an error that names the field", () => {
    expect(() => requestOfTile(tileOf({ crossbar: { slices: 4 } }))).toThrow("cell_bits");
  });

  test("faults of the arch file", () => {
    const faults = { stuck_frac: 0.05, stuck_at_max_frac: 1, cluster_cells: 2, ...origin };
    const request = requestOf({ numerics: { faults } });
    expect(errorOf(apply(request))).toBeGreaterThan(0.1);
    expect(errorOf(apply(without(request, ["faults"])))).toBeLessThan(0.02);
  });

  test("the full periphery without options is the engine's own path, within 1e-5", () => {
    const noise = {
      read_noise: { std: 0.0175, ...origin },
      ir_drop: { scale: 1, conductance_ratio: 1e4, ...origin },
    };
    const plain = only(requestOf({ numerics: noise }), "ir_drop");
    const full = {
      ...plain,
      numerics: { ...plain.numerics, periphery: { ...origin } },
    };
    const off = apply(full).map((v, i) => v - apply(plain)[i]!);
    expect(errorOf(apply(plain))).toBeGreaterThan(1e-3);
    // The engine rounds weights to 15 bits.
    expect(maxAbs(off)).toBeLessThan(1e-4 * maxAbs(exact));
  });

  test.each([
    ["input_noise_std", { input_noise_std: 0.05 }],
    ["voltage offsets", { voltage_offset_std: 0.05 }],
    ["series resistance", { series_resistance_ratio: 0.05 }],
    ["saturation", { nonlinearity_factor: 0.5 }],
    ["input asymmetry", { input_asymmetry_frac: 0.1 }],
    ["output asymmetry", { output_asymmetry_frac: 0.1 }],
    ["read asymmetry", { reads: "two-pass-digital" as const, read_asymmetry_std: 0.1 }],
    ["constant read noise", { read_noise_kind: "constant" as const }],
  ])("%s is an effect that can be switched off", (_name, options) => {
    const numerics = {
      periphery: { ...options, ...origin },
      read_noise: { std: "read_noise_kind" in options ? 0.05 : 0, ...origin },
    };
    const request = requestOf({
      numerics,
      output: { bits: 16 },
      input: { bits: 16, bits_per_phase: 16 },
    });
    expect(errorOf(apply(request))).toBeGreaterThan(3e-3);
    expect(errorOf(apply(without(request, ["circuit", "read_noise"])))).toBeLessThan(2e-3);
  });

  test("bound management reads again until nothing clips", () => {
    const low = { output_bound: 0.5 };
    const periphery = { bound_management: "iterative" as const, ...origin };
    expect(errorOf(apply(requestOf({ numerics: low })))).toBeGreaterThan(0.2);
    expect(errorOf(apply(requestOf({ numerics: { ...low, periphery } })))).toBeLessThan(0.05);
  });

  test("two pairs of significance 1 and 3 halve no weight: with ideal devices nothing changes", () => {
    const pairs = { significance_ratio: [1, 3], ...origin };
    const levels = { slices: 1, cell_bits: 12 };
    const one = apply(requestOf({ crossbar: levels, output: { bits: 16 } }));
    const two = apply(requestOf({ crossbar: levels, output: { bits: 16 }, numerics: { pairs } }));
    expect(maxAbs(two.map((v, i) => v - one[i]!))).toBeLessThan(2e-3 * maxAbs(exact));
  });

  test("four equal pairs halve the programming noise", () => {
    const devices = device({ kind: "gaussian", sigma_frac: 0.05 });
    const noise = (pairs?: number[]) =>
      errorOf(
        apply(
          only(
            requestOf({
              numerics: {
                devices,
                ...(pairs && { pairs: { significance_ratio: pairs, ...origin } }),
              },
            }),
            "programming",
          ),
        ),
      );
    expect(noise([1, 1, 1, 1]) / noise()).toBeCloseTo(0.5, 1);
  });

  test("results do not depend on how rows are batched, on any path", () => {
    const noisy = { output_noise: { std: 0.05, ...origin } };
    for (const request of [
      requestOf({ ...ISAAC, numerics: { ...noisy, lossless_conversions: true } }),
      requestOf({ numerics: { ...noisy, periphery: { input_noise_std: 0.01, ...origin } } }),
    ]) {
      const all = apply(request);
      const projection = createTileProjection(engine, request);
      const half = ROWS / 2;
      const y = new Float32Array(half * OUTPUTS);
      projection.apply(x.subarray(half * INPUTS), half, rowIds.subarray(half), y);
      expect(y).toEqual(all.subarray(half * OUTPUTS));
      projection.dispose();
    }
  });

  const PATHS: readonly TileChange[] = [
    {},
    ISAAC,
    { ...ISAAC, numerics: { lossless_conversions: true } },
    { input: { bits: 8, bits_per_phase: 2 } },
    { numerics: { periphery: { ...origin }, devices: device({ kind: "pcm" }) } },
    {
      numerics: { pairs: { significance_ratio: [1, 4], ...origin } },
      crossbar: { slices: 1, cell_bits: 4 },
    },
  ];
  const onlyFinite = (y: Float32Array) => expect(y.every(Number.isFinite)).toBe(true);

  test.each(PATHS)(
    "all-zero columns and vectors, ranges of 0, one by one: finite on path %#",
    (path) => {
      const holes = w.slice().fill(0, 0, INPUTS);
      for (const inputRanges of [[4, 4], [0, 0], null])
        onlyFinite(apply(requestOf(path, { weights: holes, inputRanges })));
      const one = requestOf(path, {
        weights: Float32Array.of(0.5),
        matrix: matrixOf(1, 1),
        blocks: tiling(1, 1, 1, 1),
        inputRanges: null,
      });
      const projection = createTileProjection(engine, one);
      const y = new Float32Array(3);
      projection.apply(Float32Array.of(1, 0, -2), 3, rowIds, y);
      onlyFinite(y);
      expect(Math.abs(y[0]! - 0.5)).toBeLessThan(0.25);
      expect(Math.abs(y[2]! + 1)).toBeLessThan(0.5);
      projection.dispose();
    },
  );

  test.each(PATHS)("a weight that is NaN is named: path %#", (path) => {
    const weights = w.slice();
    weights[INPUTS + 2] = Number.NaN;
    expect(() => createTileProjection(engine, requestOf(path, { weights }))).toThrow(
      "weight [1][2] is NaN",
    );
  });

  test("no rows, and inputs that are not finite", () => {
    for (const request of [
      requestOf({}),
      requestOf(ISAAC),
      requestOf({ ...ISAAC, numerics: { lossless_conversions: true } }),
      requestOf({ numerics: { periphery: { ...origin } } }),
    ]) {
      expect(apply(request, 0)).toHaveLength(0);
      const projection = createTileProjection(engine, request);
      const bad = x.slice(0, INPUTS);
      bad[3] = Number.NaN;
      const y = new Float32Array(OUTPUTS);
      expect(() => projection.apply(bad, 1, rowIds, y)).toThrow("finite");
      bad[3] = Number.POSITIVE_INFINITY;
      expect(() => projection.apply(bad, 1, rowIds, y)).toThrow("finite");
    }
  });
});
