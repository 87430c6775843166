import { describe, expect, test } from "vitest";
import {
  LIGHTNING_DEFAULTS,
  type LightningLayer,
  lightningForward,
} from "../../../src/numerics/hwa/lightning.ts";
import { lightningBackward } from "../../../src/numerics/hwa/lightning-backward.ts";
import { driven, stopClipped, straightThroughSlope } from "../../../src/training/moe/converters.ts";
import { uniforms } from "../../transformer/random-model.ts";

const [rows, inputs, outputs, range, levels] = [11, 8, 5, 0.7, 7];
const next = uniforms(3);
const random = (length: number) => Float32Array.from({ length }, next);
const x = random(rows * inputs);
const weights = random(outputs * inputs);
const dy = random(rows * outputs);
const part = { rows, inputs, rowBegin: 0, rowEnd: inputs };

/** The same layer of AIHWKIT-Lightning, whose gradients are checked against its own. */
const layer: LightningLayer = {
  ...{ weights, outputs, inputs },
  config: { ...LIGHTNING_DEFAULTS, input_range: "static", inp_res: 2 * levels },
  ranges: [range],
};
const { y, tape } = lightningForward(layer, x, rows);
const learning = { decay: 0, input_min_percentage: 0.95 };
const expected = lightningBackward(layer, tape, x, dy, learning);

/** W^T dy, as the exact backward pass has it. */
const exact = (): Float32Array =>
  Float32Array.from({ length: rows * inputs }, (_, at) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++)
      sum += dy[Math.floor(at / inputs) * outputs + o]! * weights[o * inputs + (at % inputs)]!;
    return sum;
  });

describe("converters on the way back are those of AIHWKIT-Lightning", () => {
  const dx = exact();
  const tally = stopClipped(x, dx, part, range);

  test("nothing passes where inputs are clipped", () => {
    expect([...dx]).toEqual([...expected.x].map((g) => expect.closeTo(g, 5)));
    const clipped = x.filter((value) => Math.abs(value) >= range).length;
    expect(clipped).toBeGreaterThan(5);
    expect(tally.within_frac).toBeCloseTo(1 - clipped / x.length, 12);
  });

  test("clipped inputs widen the range", () => {
    // Theirs is by the range, times the range: ours, by its logarithm, the same
    expect(tally.slope).toBeCloseTo(expected.ranges![0]!, 5);
    expect(tally.slope).toBeLessThan(0);
  });

  test("weights see the inputs as they are driven", () => {
    const seen = new Float32Array(x.length);
    driven(x, part, range, levels, seen);
    const gradient = Array.from({ length: outputs * inputs }, (_, at) => {
      let sum = 0;
      for (let r = 0; r < rows; r++)
        sum += dy[r * outputs + Math.floor(at / inputs)]! * seen[r * inputs + (at % inputs)]!;
      return expect.closeTo(sum, 5);
    });
    expect([...expected.weights]).toEqual(gradient);
  });

  test("the slope by all inputs is what outputs have more than unclipped inputs give", () => {
    // With the rounding of the DAC, y / r differs from W x / r: dL/dy (y - W x inside the range)
    let slope = 0;
    for (let r = 0; r < rows; r++)
      for (let o = 0; o < outputs; o++) {
        let inside = 0;
        for (let i = 0; i < inputs; i++) {
          const value = x[r * inputs + i]!;
          if (Math.abs(value) < range) inside += weights[o * inputs + i]! * value;
        }
        slope += dy[r * outputs + o]! * (y[r * outputs + o]! - inside);
      }
    expect(straightThroughSlope(dy, y, tally.along)).toBeCloseTo(slope, 4);
  });
});

test("a dynamic range is that of each row, and rounds within it", () => {
  const seen = new Float32Array(x.length);
  driven(x, part, null, levels, seen);
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * inputs, (r + 1) * inputs);
    const largest = Math.max(...row.map(Math.abs));
    row.forEach((value, i) => {
      expect(Math.abs(seen[r * inputs + i]! - value)).toBeLessThanOrEqual(
        (largest / levels) * 0.501,
      );
    });
  }
});
