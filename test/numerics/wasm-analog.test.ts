import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  AnalogBlock,
  AnalogMatrix,
  Periphery,
  Projection,
} from "../../src/numerics/engine.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import {
  createIntProjection,
  intScales,
  intScalesOf,
  mostCodes,
} from "../../src/numerics/engines/reference-int.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { fillNormals, shuffle } from "../../src/random/philox.ts";

fc.configureGlobal({ seed: 30 });
const engine = createWasmEngine();
const reference = createReferenceEngine();

const PLAIN: Periphery = {
  inputLevels: 127,
  outputLevels: 127,
  outputBound: 12,
  outputNoise: 0.04,
  readNoise: 0,
  irDrop: 0,
  irDropConductanceRatio: 571428.57,
};

function normals(n: number, row: number): Float32Array {
  const out = new Float32Array(n);
  fillNormals(out, { seed: 9, matrix: 0, block: 0, purpose: "calibration", row });
  return out;
}

/** A matrix cut into blocks, weights about 0.3 rms, scales different for every column. */
function makeMatrix(o: {
  inputs: number;
  outputs: number;
  tileRows: number;
  tileCols: number;
  inputRange: number;
  periphery: Periphery;
  seed: number;
}): AnalogMatrix {
  const blocks: AnalogBlock[] = [];
  for (let rowBegin = 0; rowBegin < o.inputs; rowBegin += o.tileRows)
    for (let colBegin = 0; colBegin < o.outputs; colBegin += o.tileCols) {
      const rowEnd = Math.min(rowBegin + o.tileRows, o.inputs);
      const colEnd = Math.min(colBegin + o.tileCols, o.outputs);
      const cols = colEnd - colBegin;
      const weights = normals((rowEnd - rowBegin) * cols, o.seed + blocks.length).map(
        (w) => w * 0.3,
      );
      // One column in three is all zero.
      for (let c = 0; c < cols; c += 3)
        if (o.seed % 2 === 1)
          weights.fill(0, c * (rowEnd - rowBegin), (c + 1) * (rowEnd - rowBegin));
      const scale = Float32Array.from({ length: cols }, (_, c) => 0.5 + c / cols);
      blocks.push({ rowBegin, rowEnd, colBegin, colEnd, weights, scale, inputRange: o.inputRange });
    }
  const { inputs, outputs, periphery, seed } = o;
  return { inputs, outputs, blocks, periphery, seed, matrix: 77 };
}

/** Inputs with a zero vector, and values beyond a range of 1. */
function makeInputs(rows: number, inputs: number, seed: number): Float32Array {
  const x = normals(rows * inputs, 1000 + seed);
  if (rows > 2) x.fill(0, inputs, 2 * inputs);
  return x;
}

function run(projection: Projection, x: Float32Array, ids: Uint32Array): Float32Array {
  const y = new Float32Array(ids.length * projection.outputs).fill(Number.NaN);
  projection.apply(x, ids.length, ids, y);
  return y;
}

function rowIds(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => 3 * row + 5);
}

const PERIPHERIES: Record<string, Periphery> = {
  plain: PLAIN,
  "no noise": { ...PLAIN, outputNoise: 0 },
  "no ADC": { ...PLAIN, outputBound: 0 },
  "clipping ADC without rounding": { ...PLAIN, outputLevels: 0, outputBound: 2 },
  "4 bits in, 9 bits out": { ...PLAIN, inputLevels: 7, outputLevels: 255 },
  "read noise": { ...PLAIN, readNoise: 0.0175 },
  "IR drop": { ...PLAIN, irDrop: 1 },
  "IR drop and read noise": { ...PLAIN, irDrop: 1, irDropConductanceRatio: 5e4, readNoise: 0.0175 },
};

const anyCase = fc.record({
  rows: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 1, arbitrary: fc.constant(130) },
  ),
  inputs: fc.integer({ min: 1, max: 90 }),
  outputs: fc.integer({ min: 1, max: 60 }),
  tileRows: fc.integer({ min: 1, max: 64 }),
  tileCols: fc.integer({ min: 1, max: 64 }),
  inputRange: fc.constantFrom(0, 1, 2.5),
  seed: fc.nat(1e6),
});

describe.each(Object.entries(PERIPHERIES))("%s", (_name, periphery) => {
  test("int format: equal to its definition bit for bit, for any shape", () => {
    fc.assert(
      fc.property(anyCase, (shape) => {
        const matrix = makeMatrix({ ...shape, periphery });
        const x = makeInputs(shape.rows, shape.inputs, shape.seed);
        const ids = rowIds(shape.rows);
        const projection = engine.analog(matrix);
        const y = run(projection, x, ids);
        projection.dispose();
        expect(y).toEqual(run(createIntProjection(matrix), x, ids));
      }),
      { numRuns: 40 },
    );
  });

  test("float32 format: equal to the reference bit for bit, for any shape", () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom(0, 40000), (shape, inputLevels) => {
        const matrix = makeMatrix({ ...shape, periphery: { ...periphery, inputLevels } });
        expect(intScalesOf(matrix)).toBe(null);
        const x = makeInputs(shape.rows, shape.inputs, shape.seed);
        const ids = rowIds(shape.rows);
        const projection = engine.analog(matrix);
        const y = run(projection, x, ids);
        projection.dispose();
        expect(y).toEqual(run(reference.analog(matrix), x, ids));
      }),
      { numRuns: 40 },
    );
  });

  test("results depend neither on the batch split nor on the order of rows", () => {
    const [rows, inputs, outputs] = [250, 70, 37];
    const shape = { inputs, outputs, tileRows: 40, tileCols: 20, inputRange: 0, seed: 4 };
    const projection = engine.analog(makeMatrix({ ...shape, periphery }));
    const x = makeInputs(rows, inputs, 4);
    const ids = rowIds(rows);
    const all = run(projection, x, ids);
    const order = shuffle(rows, { seed: 1, matrix: 0, block: 0, purpose: "calibration", row: 0 });
    for (let begin = 0, size = 1; begin < rows; begin += size, size = (size * 3) % 64) {
      const part = [...order.subarray(begin, begin + size)];
      const partX = Float32Array.from(
        part.flatMap((row) => [...x.subarray(row * inputs, (row + 1) * inputs)]),
      );
      const y = run(
        projection,
        partX,
        Uint32Array.from(part, (row) => ids[row]!),
      );
      for (let i = 0; i < part.length; i++)
        expect(y.slice(i * outputs, (i + 1) * outputs)).toEqual(
          all.slice(part[i]! * outputs, (part[i]! + 1) * outputs),
        );
    }
  });
});

describe("int against float32", () => {
  const shape = { inputs: 512, outputs: 48, tileRows: 512, tileCols: 48, seed: 6 };
  const rows = 20;
  const x = makeInputs(rows, shape.inputs, 6);

  // Before the ADC: half a code in every weight (the stated bound), and float32 sums of 512 terms.
  test("without ADC the weights' rounding is all that differs", () => {
    const periphery = { ...PLAIN, outputBound: 0, outputNoise: 0 };
    const matrix = makeMatrix({ ...shape, inputRange: 2.5, periphery });
    const y = run(engine.analog(matrix), x, rowIds(rows));
    const expected = run(reference.analog(matrix), x, rowIds(rows));
    const block = matrix.blocks[0]!;
    const halfCode = 0.5 / intScales(block, periphery)!.weight;
    for (let row = 0; row < rows; row++) {
      let sumInputs = 0;
      for (let k = 0; k < 512; k++) sumInputs += Math.min(Math.abs(x[row * 512 + k]!), 2.51);
      for (let c = 0; c < 48; c++) {
        const bound = block.scale[c]! * sumInputs * (halfCode + 512 * 2 ** -24);
        expect(Math.abs(y[row * 48 + c]! - expected[row * 48 + c]!)).toBeLessThanOrEqual(bound);
      }
    }
  });

  test("with ADC a result moves by one code at most, and few move", () => {
    const matrix = makeMatrix({ ...shape, inputRange: 2.5, periphery: PLAIN });
    const y = run(engine.analog(matrix), x, rowIds(rows));
    const expected = run(reference.analog(matrix), x, rowIds(rows));
    let moved = 0;
    for (let i = 0; i < y.length; i++) {
      const code = (2.5 * (12 / 127) * matrix.blocks[0]!.scale[i % 48]!) as number;
      const steps = Math.abs(y[i]! - expected[i]!) / code;
      expect(steps).toBeLessThan(1.001);
      if (steps > 0.5) moved++;
    }
    // The sum moves by about 512^(1/2) * 2e-5 * 0.3 = 1.4e-4 of the range, a step is 0.094.
    expect(moved / y.length).toBeLessThan(0.02);
  });

  test("IR drop and read noise differ by their operands' rounding only", () => {
    const periphery = { ...PERIPHERIES["IR drop and read noise"]!, outputBound: 0 };
    const matrix = makeMatrix({ ...shape, inputRange: 2.5, periphery });
    const y = run(engine.analog(matrix), x, rowIds(rows));
    const expected = run(reference.analog(matrix), x, rowIds(rows));
    let squares = 0;
    let errors = 0;
    for (let i = 0; i < y.length; i++) {
      squares += expected[i]! ** 2;
      errors += (y[i]! - expected[i]!) ** 2;
    }
    expect(Math.sqrt(errors / squares)).toBeLessThan(3e-4);
  });

  test("sums at the limit are exact: all inputs and weights at full scale", () => {
    const inputs = 512;
    const weights = new Float32Array(inputs * 2).fill(1).fill(-1, inputs);
    const block = {
      rowBegin: 0,
      rowEnd: inputs,
      colBegin: 0,
      colEnd: 2,
      weights,
      scale: Float32Array.of(1, 1),
      inputRange: 1,
    };
    const periphery = { ...PLAIN, outputBound: 0, outputNoise: 0, readNoise: 1e-6, irDrop: 1e-6 };
    const matrix = { inputs, outputs: 2, blocks: [block], periphery, seed: 1, matrix: 0 };
    const y = run(engine.analog(matrix), new Float32Array(inputs).fill(1), rowIds(1));
    expect(y[0]! / inputs).toBeCloseTo(1, 5);
    expect(y[1]! / inputs).toBeCloseTo(-1, 5);
  });
});

describe("noise before the ADC", () => {
  const [inputs, outputs, rows] = [40, 64, 4000];

  /** Mean and variance, over all rows, of what noise adds to the results of one same vector. */
  function moments(periphery: Periphery): { mean: number; variance: number; energy: number } {
    const shape = { inputs, outputs, tileRows: inputs, tileCols: outputs, inputRange: 1, seed: 8 };
    const matrix = makeMatrix({ ...shape, periphery: { ...periphery, outputBound: 0 } });
    const block = matrix.blocks[0]!;
    block.scale.fill(1);
    const quiet = { ...matrix.periphery, outputNoise: 0, readNoise: 0 };
    // Whole codes, so that the DAC changes nothing.
    const vector = Float32Array.from({ length: inputs }, (_, k) => ((k * 7) % 120) / 127);
    const x = Float32Array.from({ length: rows * inputs }, (_, i) => vector[i % inputs]!);
    const y = run(engine.analog(matrix), x, rowIds(rows));
    const exact = run(engine.analog({ ...matrix, periphery: quiet }), vector, rowIds(1));
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < y.length; i++) {
      const noise = y[i]! - exact[i % outputs]!;
      sum += noise;
      squares += noise * noise;
    }
    let energy = 0;
    block.weights.forEach((w, i) => {
      energy += (Math.abs(w) * vector[i % inputs]! ** 2) / outputs;
    });
    return { mean: sum / y.length, variance: squares / y.length, energy };
  }

  // 256,000 samples: 5 standard errors of the variance are 1.4 %, of the mean 1 % of sigma; a sigma
  // that is off by 2 % (variance by 4 %) cannot pass.
  test.each([
    ["output noise", PLAIN],
    ["read noise", { ...PLAIN, outputNoise: 0, readNoise: 0.0175 }],
    ["both", { ...PLAIN, outputNoise: 0.03, readNoise: 0.0175 }],
  ])("%s has the stated variance and no mean", (_name, periphery) => {
    const { mean, variance, energy } = moments(periphery);
    const expected = periphery.outputNoise ** 2 + periphery.readNoise ** 2 * energy;
    const tolerance = 5 * Math.sqrt(2 / (rows * outputs));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(tolerance);
    expect(Math.abs(mean) / Math.sqrt(expected)).toBeLessThan(5 / Math.sqrt(rows * outputs));
  });
});

describe("bit budgets", () => {
  test("sums never leave int32, and one code more could", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4096 }),
        fc.integer({ min: 1, max: 32767 }),
        (rows, input) => {
          const codes = mostCodes(rows, input);
          expect(rows * input * codes).toBeLessThan(2 ** 31);
          if (codes < 32767) expect(rows * input * (codes + 1)).toBeGreaterThanOrEqual(2 ** 31);
        },
      ),
    );
  });

  // sigma of PCM programming noise at zero conductance, the smallest: 0.26348 uS of 25 uS.
  test("8-bit inputs: weights of 512 rows keep 15 bits, of 2048 rows 13; error < sigma / 100", () => {
    expect(mostCodes(512, 127)).toBe(32767);
    expect(mostCodes(1024, 127)).toBeGreaterThan(2 ** 14);
    expect(mostCodes(2048, 127)).toBeGreaterThan(2 ** 13);
    for (const rows of [64, 512, 1024, 2048])
      expect(0.5 / mostCodes(rows, 127)).toBeLessThan(0.26348 / 25 / 100);
  });

  test("what does not fit says so", () => {
    const tall = makeMatrix({
      inputs: 4000,
      outputs: 1,
      tileRows: 4000,
      tileCols: 1,
      inputRange: 1,
      periphery: PLAIN,
      seed: 1,
    });
    expect(intScalesOf(tall)).toBe(null);
    expect(() => createIntProjection(tall)).toThrow("int format");
    const x = makeInputs(2, 4000, 1);
    expect(run(engine.analog(tall), x, rowIds(2))).toEqual(
      run(reference.analog(tall), x, rowIds(2)),
    );
  });
});

describe("bad input", () => {
  const shape = { inputs: 9, outputs: 5, tileRows: 9, tileCols: 5, seed: 2 };

  test("never NaN out: all-zero weights, zero vectors, denormal inputs", () => {
    const matrix = makeMatrix({ ...shape, inputRange: 0, periphery: PERIPHERIES["read noise"]! });
    for (const block of matrix.blocks) block.weights.fill(0);
    const x = new Float32Array(27).fill(1e-42, 9, 18).fill(1, 18);
    const y = run(engine.analog(matrix), x, rowIds(3));
    expect([...y.subarray(0, 10)]).toEqual(new Array(10).fill(0));
    expect(y.every(Number.isFinite)).toBe(true);
  });

  test("negative noise, NaN weights and NaN inputs are errors", () => {
    const make = (periphery: Periphery) => makeMatrix({ ...shape, inputRange: 1, periphery });
    expect(() => engine.analog(make({ ...PLAIN, outputNoise: -1 }))).toThrow("outputNoise");
    const broken = make(PLAIN);
    broken.blocks[0]!.weights[7] = Number.NaN;
    expect(() => engine.analog(broken)).toThrow("NaN");
    const x = new Float32Array(9).fill(Number.NaN);
    expect(() => run(engine.analog(make(PLAIN)), x, rowIds(1))).toThrow("NaN");
    expect(() => engine.analog(make(PLAIN)).apply(x, 1, new Uint32Array(0), x)).toThrow("row ids");
  });
});

test("programming a model again and again does not leak", () => {
  const own = createWasmEngine();
  const shape = { inputs: 90, outputs: 50, tileRows: 32, tileCols: 32, inputRange: 1 };
  for (let seed = 0; seed < 20; seed++) {
    own.analog(makeMatrix({ ...shape, periphery: PLAIN, seed })).dispose();
    expect(own.used_B()).toBe(0);
  }
});
