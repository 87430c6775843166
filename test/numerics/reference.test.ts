import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnalogMatrix, Periphery } from "../../src/numerics/engine.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import { maxAbs, mean, normals, numericsWith, program, std, tiling } from "./support.ts";

const engine = createReferenceEngine();

function run(matrix: AnalogMatrix, x: Float32Array, rows: number, ids?: Uint32Array) {
  const y = new Float32Array(rows * matrix.outputs);
  engine.analog(matrix).apply(x, rows, ids ?? Uint32Array.from({ length: rows }, (_, i) => i), y);
  return y;
}

function digital(weights: Float32Array, outputs: number, inputs: number, x: Float32Array) {
  const rows = x.length / inputs;
  const y = new Float32Array(rows * outputs);
  engine.digital(weights, outputs, inputs).apply(x, rows, new Uint32Array(rows), y);
  return y;
}

const withPeriphery = (matrix: AnalogMatrix, change: Partial<Periphery>): AnalogMatrix => ({
  ...matrix,
  periphery: { ...matrix.periphery, ...change },
});

describe("digital", () => {
  test("is the matrix product, within the rounding of float32", () => {
    const w = normals(40 * 60, 1);
    const x = normals(3 * 60, 2);
    const y = digital(w, 40, 60, x);
    for (let row = 0; row < 3; row++)
      for (let o = 0; o < 40; o++) {
        let exact = 0;
        for (let k = 0; k < 60; k++) exact += x[row * 60 + k]! * w[o * 60 + k]!;
        expect(Math.abs(y[row * 40 + o]! - exact)).toBeLessThan(2e-5);
      }
  });

  test("says which weight or input is no number", () => {
    const w = new Float32Array(6).fill(1);
    w[4] = Number.NaN;
    expect(() => engine.digital(w, 2, 3)).toThrow("weight [1][1] is NaN");
    const projection = engine.digital(new Float32Array(6), 2, 3);
    const x = Float32Array.of(0, Infinity, 0);
    expect(() => projection.apply(x, 1, new Uint32Array(1), new Float32Array(2))).toThrow(
      "input [0][1] is Infinity",
    );
  });
});

describe("ideal crossbars", () => {
  test("equal the digital product for any tiling, within 1e-5 of the output range", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("column", "tile"),
        fc.integer({ min: 0, max: 1000 }),
        (outputs, inputs, rows, cols, weight_scaling, seed) => {
          const w = normals(outputs * inputs, seed);
          const x = normals(2 * inputs, seed + 5000, 3);
          const blocks = tiling(outputs, inputs, rows, cols);
          const numerics = numericsWith({ weight_scaling, output_bound: 1e6 });
          const y = run(program(w, outputs, inputs, { blocks, numerics }), x, 2);
          const exact = digital(w, outputs, inputs, x);
          // An output may cancel to nothing; its terms set what rounding can be.
          const terms = digital(w.map(Math.abs), outputs, inputs, x.map(Math.abs));
          for (let i = 0; i < y.length; i++)
            expect(Math.abs(y[i]! - exact[i]!)).toBeLessThanOrEqual(1e-5 * terms[i]!);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are exact for integer operands within the converters' codes", () => {
    const w = Float32Array.from({ length: 64 * 48 }, (_, i) => ((i * 37) % 15) - 7);
    const x = Float32Array.from({ length: 2 * 48 }, (_, i) => ((i * 53) % 255) - 127);
    for (let o = 0; o < 64; o++) w[o * 48] = 8; // a power of two: scaling by it is exact
    const matrix = program(w, 64, 48, { inputBits: 8, inputRanges: [127] });
    const exact = digital(w, 64, 48, x);
    const y = run(matrix, x, 2);
    // Codes are exact; what is left is the float32 step 1/127 on the way out.
    for (let i = 0; i < y.length; i++)
      expect(Math.abs(y[i]! - exact[i]!)).toBeLessThanOrEqual(4 * 2 ** -24 * maxAbs(exact));
  });

  test("a 1x1 matrix, an all-zero column, zero inputs and no rows are defined", () => {
    expect([...run(program(Float32Array.of(-3), 1, 1), Float32Array.of(2), 1)]).toEqual([-6]);
    const zero = program(new Float32Array(4), 2, 2);
    expect([...zero.blocks[0]!.scale]).toEqual([1, 1]);
    expect([...run(zero, Float32Array.of(1, 2), 1)]).toEqual([0, 0]);
    const noisy = withPeriphery(program(Float32Array.of(1), 1, 1), { outputNoise: 1 });
    expect([...run(noisy, Float32Array.of(0), 1)]).toEqual([0]);
    expect(run(noisy, new Float32Array(0), 0)).toHaveLength(0);
    expect([...run(noisy, Float32Array.of(1e-45), 1)]).toEqual([0]);
  });
});

describe("rows are independent", () => {
  const w = normals(20 * 33, 3);
  const numerics = numericsWith({
    output_noise: { std: 0.05, source: "t", evidence: "assumed" },
    read_noise: { std: 0.0175, source: "t", evidence: "assumed" },
    ir_drop: { scale: 1, conductance_ratio: 5e5, source: "t", evidence: "assumed" },
    output_bound: 10,
  });
  const blocks = tiling(20, 33, 11, 7);
  const matrix = program(w, 20, 33, { numerics, blocks, inputBits: 8, outputBits: 8 });
  const x = normals(6 * 33, 4);
  const ids = Uint32Array.of(11, 5, 9, 70000, 3, 8);
  const whole = run(matrix, x, 6, ids);

  test("of how they are batched", () => {
    for (let row = 0; row < 6; row++)
      expect(run(matrix, x.slice(row * 33, (row + 1) * 33), 1, ids.slice(row, row + 1))).toEqual(
        whole.slice(row * 20, (row + 1) * 20),
      );
  });

  test("of their order", () => {
    const reversed = new Float32Array(x.length);
    for (let row = 0; row < 6; row++)
      reversed.set(x.slice(row * 33, (row + 1) * 33), (5 - row) * 33);
    const y = run(matrix, reversed, 6, ids.toReversed());
    for (let row = 0; row < 6; row++)
      expect(y.slice((5 - row) * 20, (6 - row) * 20)).toEqual(
        whole.slice(row * 20, (row + 1) * 20),
      );
  });

  test("another row id is another noise", () => {
    expect(run(matrix, x.slice(0, 33), 1, Uint32Array.of(12))).not.toEqual(whole.slice(0, 20));
  });
});

describe("noise of a read", () => {
  // 16 equal columns, each with its own noise.
  const outputs = 16;
  const rows = 10000;
  const inputs = 24;
  const column = normals(inputs, 8);
  const w = Float32Array.from({ length: outputs * inputs }, (_, i) => column[i % inputs]!);
  const x = normals(inputs, 9);
  const batch = new Float32Array(rows * inputs);
  for (let row = 0; row < rows; row++) batch.set(x, row * inputs);
  const ideal = run(program(w, outputs, inputs), x, 1)[0]!;

  // 160,000 samples: the standard error of sigma is 0.18 %, so 0.9 % is 5 of them, and an error of
  // 2 % is found.
  test.each([
    [0.06, 0, 1],
    [0, 0.0175, 1],
    [0.04, 0.05, 1],
  ])("output %d, read %d: unbiased, with the stated sigma", (outputNoise, readNoise) => {
    const matrix = withPeriphery(program(w, outputs, inputs), { outputNoise, readNoise });
    const y = run(matrix, batch, rows);
    const range = maxAbs(x);
    const scale = maxAbs(w);
    let energy = 0;
    for (let k = 0; k < inputs; k++) energy += Math.abs(w[k]! / scale) * (x[k]! / range) ** 2;
    const sigma = range * scale * Math.sqrt(outputNoise ** 2 + readNoise ** 2 * energy);
    expect(std(y) / sigma).toBeGreaterThan(0.991);
    expect(std(y) / sigma).toBeLessThan(1.009);
    expect(Math.abs(mean(y) - ideal)).toBeLessThan((4 * sigma) / Math.sqrt(y.length));
  });
});

describe("converters", () => {
  test("inputs are rounded half to even, then clipped", () => {
    const matrix = program(Float32Array.of(1), 1, 1, { inputBits: 3, inputRanges: [3] });
    const read = (value: number) => run(matrix, Float32Array.of(value), 1)[0];
    expect([0.5, 1.5, 2.5, 2.51, -0.5, -1.5, 3.6, 100, -100].map(read)).toEqual([
      0, 2, 2, 3, 0, -2, 3, 3, -3,
    ]);
  });

  test("outputs are rounded to codes of the bound and clipped to it", () => {
    const numerics = numericsWith({ output_bound: 3 });
    const w = Float32Array.of(1, 1, 1, 1);
    const matrix = program(w, 1, 4, { numerics, outputBits: 3, inputRanges: [1] });
    const read = (...x: number[]) => run(matrix, Float32Array.from(x), 1)[0];
    expect(read(1, 1, 0.4, 0)).toBe(2);
    expect(read(1, 1, 0.5, 0)).toBe(2);
    expect(read(1, 0.5, 0, 0)).toBe(2);
    expect(read(1, 1, 1, 1)).toBe(3);
    expect(read(-1, -1, -1, -1)).toBe(-3);
  });

  test("a range that has no float32 inverse is refused", () => {
    const matrix = program(Float32Array.of(1), 1, 1, { inputRanges: [1e-40] });
    expect(() => engine.analog(matrix)).toThrow("input range");
  });
});
