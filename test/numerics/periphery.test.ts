import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Periphery } from "../../src/numerics/engine.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import { createAnalogForward } from "../../src/numerics/periphery/forward.ts";
import { IO_DEFAULTS, type IoParameters } from "../../src/numerics/periphery/io-parameters.ts";
import { createQuantiser, quantise } from "../../src/numerics/periphery/quantiser.ts";
import { codeOf, roundHalfEven } from "../../src/numerics/quantise.ts";
import { maxAbs, normals, program } from "./support.ts";

const value = fc.double({ min: -50, max: 50, noNaN: true });
const bound = fc.double({ min: 0.1, max: 20, noNaN: true });
const resolution = fc.oneof(
  fc.integer({ min: 2, max: 1000 }),
  fc.double({ min: 0.001, max: 0.5, noNaN: true }),
);

describe("quantiser", () => {
  test("is idempotent, within rounding of its grid points", () => {
    fc.assert(
      fc.property(value, resolution, bound, (v, res, b) => {
        const q = createQuantiser(res, b);
        const once = quantise(v, q);
        // The bound may be no grid point: then it is rounded to the last one inside or outside.
        if (Math.abs(once) >= q.bound) return;
        expect(quantise(once, q)).toBeCloseTo(once, 5);
      }),
    );
  });

  test("is monotone, odd and bounded, and off by half a step at most", () => {
    fc.assert(
      fc.property(value, value, resolution, bound, (u, v, res, b) => {
        const q = createQuantiser(res, b);
        const [low, high] = [quantise(Math.min(u, v), q), quantise(Math.max(u, v), q)];
        expect(low).toBeLessThanOrEqual(high);
        expect(quantise(-v, q)).toBeCloseTo(-quantise(v, q), 12);
        expect(Math.abs(low)).toBeLessThanOrEqual(q.bound);
        if (Math.abs(v) < q.bound)
          expect(Math.abs(quantise(v, q) - v)).toBeLessThanOrEqual(0.5 * q.step * 1.001 + 1e-6);
      }),
    );
  });

  test("codes: idempotent, monotone, ties to even", () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999, 3.2].map(roundHalfEven)).toEqual([
      0, 2, 2, 0, -2, -2, 0, 3,
    ]);
    fc.assert(
      fc.property(value, value, fc.integer({ min: 1, max: 127 }), (u, v, levels) => {
        const code = codeOf(v, levels);
        expect(codeOf(code, levels)).toBe(code);
        if (u <= v) expect(codeOf(u, levels)).toBeLessThanOrEqual(code);
      }),
    );
  });

  test("stochastic rounding is unbiased", () => {
    const crossbar = { weights: Float32Array.of(1), outputs: 1, inputs: 1 };
    const io: IoParameters = {
      ...IO_DEFAULTS,
      noise_management: "None",
      bound_management: "None",
      out_noise: 0,
      out_bound: -1,
      out_res: -1,
      inp_res: 0.1,
      inp_sto_round: true,
    };
    const address = { seed: 1, matrix: 0, block: 0 };
    const { read } = createAnalogForward(io, { ...crossbar, address });
    let sum = 0;
    const n = 20000;
    for (let row = 0; row < n; row++) sum += read(Float32Array.of(0.33), row).y[0]!;
    // Steps of 0.2: std 0.2 sqrt(0.65 x 0.35) = 0.095, standard error 0.0007.
    expect(Math.abs(sum / n - 0.33)).toBeLessThan(0.0034);
  });
});

describe("the reference engine is the periphery's subset", () => {
  const OUTPUTS = 24;
  const INPUTS = 32;
  const w = normals(OUTPUTS * INPUTS, 90);
  const rows = 8;
  const x = normals(rows * INPUTS, 91);

  test.each([
    ["8-bit converters, dynamic range", 8, 8, 10, 0],
    ["no rounding", 0, 0, 1e6, 0],
    ["6 bits with IR drop", 6, 8, 8, 1],
    ["a bound that clips", 8, 6, 1.5, 0],
  ])("%s", (_name, inputBits, outputBits, outputBound, irDrop) => {
    const matrix = program(w, OUTPUTS, INPUTS, { inputBits, outputBits });
    const periphery: Periphery = {
      ...matrix.periphery,
      outputBound,
      irDrop,
      irDropConductanceRatio: 2000,
    };
    const y = new Float32Array(rows * OUTPUTS);
    createReferenceEngine()
      .analog({ ...matrix, periphery })
      .apply(x, rows, new Uint32Array(rows), y);
    const io: IoParameters = {
      ...IO_DEFAULTS,
      out_noise: 0,
      bound_management: "None",
      inp_res: inputBits > 0 ? 2 ** inputBits - 2 : -1,
      out_res: outputBits > 0 ? 2 ** outputBits - 2 : -1,
      out_bound: outputBound,
      ir_drop: irDrop,
      ir_drop_g_ratio: 2000,
    };
    const [block] = matrix.blocks;
    const { read } = createAnalogForward(io, {
      weights: block!.weights,
      outputs: OUTPUTS,
      inputs: INPUTS,
      address: { seed: 1, matrix: 0, block: 0 },
    });
    for (let row = 0; row < rows; row++) {
      const wanted = read(x.subarray(row * INPUTS, (row + 1) * INPUTS), row).y;
      for (let o = 0; o < OUTPUTS; o++) {
        const scaled = wanted[o]! * block!.scale[o]!;
        expect(Math.abs(y[row * OUTPUTS + o]! - scaled)).toBeLessThan(1e-5 * maxAbs(y));
      }
    }
  });
});

describe("bad input", () => {
  const address = { seed: 1, matrix: 0, block: 0 };
  const crossbar = { weights: Float32Array.of(1, 2), outputs: 1, inputs: 2, address };

  test("is named", () => {
    expect(() =>
      createAnalogForward(IO_DEFAULTS, { ...crossbar, weights: Float32Array.of(1, Number.NaN) }),
    ).toThrow("weight [0][1] is NaN");
    expect(() => createAnalogForward({ ...IO_DEFAULTS, inp_bound: 2 }, crossbar)).toThrow(
      "inp_bound",
    );
    const { read } = createAnalogForward(IO_DEFAULTS, crossbar);
    expect(() => read(Float32Array.of(0, Infinity), 0)).toThrow("input [0][1] is Infinity");
  });

  test("an infinite bound with a finite resolution means no rounding, not NaN", () => {
    const io = { ...IO_DEFAULTS, out_bound: Infinity, out_noise: 0 };
    const { y } = createAnalogForward(io, crossbar).read(Float32Array.of(1, 1), 0);
    expect(y[0]).toBe(3);
  });
});
