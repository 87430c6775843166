import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argmax, isArgmax } from "../../src/accuracy/argmax.ts";
import { logProbabilities, mergeScores, scoreWindows } from "../../src/accuracy/score-text.ts";
import { prepareText, windowsOf } from "../../src/accuracy/text.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { klDivergence, logSumExp } from "../../src/transformer/log-probabilities.ts";
import { logitsOf } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import {
  plainDecoder,
  randomVector,
  randomWeights,
  randomWindows,
  SMALL,
  uniforms,
} from "../transformer/random-model.ts";

const vocabulary = SMALL.vocabulary_tokens;
const decoder = plainDecoder(SMALL, randomWeights(SMALL, 21));
const windows = randomWindows(SMALL, [7, 12, 1, 9], 21);

describe("scores of a text", () => {
  test("equal the definition, from the logits of all rows", () => {
    let nll = 0;
    let correct = 0;
    let predictions = 0;
    for (const window of windows) {
      const batch = batchOf([window]);
      const logits = logitsOf(decoder, batch, createWorkspace(SMALL, 16, 16));
      for (let row = 0; row + 1 < batch.rows; row++) {
        const ofRow = [...logits.subarray(row * vocabulary, (row + 1) * vocabulary)];
        const target = window.tokens[row + 1]!;
        nll += Math.log(ofRow.reduce((sum, x) => sum + Math.exp(x), 0)) - ofRow[target]!;
        if (ofRow.indexOf(Math.max(...ofRow)) === target) correct++;
        predictions++;
      }
    }
    const score = scoreWindows(decoder, windows, { seed: 3 });
    expect(score).toMatchObject({ seed: 3, predictions, correct, kl_sum_nats: null });
    expect(score.nll_sum_nats).toBeCloseTo(nll, 6);
  });

  test("of parts of the text add up to those of the whole", () => {
    const reference = logProbabilities(decoder, windows);
    const other = plainDecoder(SMALL, randomWeights(SMALL, 22));
    const whole = scoreWindows(other, windows, { seed: 1, reference });
    const parts = [windows.slice(0, 2), windows.slice(2)].map((part, i) =>
      scoreWindows(other, part, {
        seed: 1,
        reference: i === 0 ? reference : reference.subarray((6 + 11) * vocabulary),
      }),
    );
    const merged = mergeScores(parts);
    expect(merged.predictions).toBe(whole.predictions);
    expect(merged.correct).toBe(whole.correct);
    expect(merged.nll_sum_nats).toBeCloseTo(whole.nll_sum_nats, 9);
    expect(merged.kl_sum_nats).toBeCloseTo(whole.kl_sum_nats!, 9);
    expect(whole.kl_sum_nats).toBeGreaterThan(0);
    expect(mergeScores([whole, { ...whole, kl_sum_nats: null }]).kl_sum_nats).toBeNull();
  });

  test("a model does not diverge from itself", () => {
    const reference = logProbabilities(decoder, windows);
    const { kl_sum_nats } = scoreWindows(decoder, windows, { seed: 1, reference });
    expect(Math.abs(kl_sum_nats!)).toBeLessThan(1e-5);
  });
});

describe("log-softmax", () => {
  const logits = fc.array(fc.integer({ min: -800, max: 800 }), { minLength: 1, maxLength: 20 });

  test("probabilities sum to one and move with a shift of the logits, however large", () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: -1e6, max: 1e6 }), (values, shift) => {
        const x = Float32Array.from([1e30, ...values, 1e30]);
        const normaliser = logSumExp(x, 1, values.length);
        const sum = values.reduce((total, v) => total + Math.exp(v - normaliser), 0);
        expect(sum).toBeCloseTo(1, 8);
        const shifted = Float32Array.from(values, (v) => v + shift);
        expect(logSumExp(shifted, 0, values.length) - shift).toBeCloseTo(normaliser, 6);
      }),
    );
  });

  test("a logit that is not finite is an error, not a score", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => logSumExp(Float32Array.of(1, bad), 0, 2)).toThrow(/not finite/);
  });

  test("the best of equals is the first", () => {
    expect(argmax(Float32Array.of(9, 1, 3, 3, 2), 1, 4)).toBe(1);
  });

  test("only the place of the largest is it, however many are equal", () => {
    const few = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(few, fc.nat({ max: 7 }), (values, place) => {
        const x = Float32Array.of(9, ...values, 9);
        const at = place % values.length;
        expect(isArgmax(x, 1, values.length, at)).toBe(argmax(x, 1, values.length) === at);
      }),
    );
  });
});

test("KL divergence: a closed form, and never negative", () => {
  // p = (1/2, 1/2), q = (1/4, 3/4): KL = ln(2 / sqrt 3)
  const p = Float32Array.of(Math.log(0.5), Math.log(0.5));
  const q = Float32Array.of(0, Math.log(3));
  expect(klDivergence(p, 0, q, 0, Math.log(4), 2)).toBeCloseTo(Math.log(2 / Math.sqrt(3)), 7);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const next = uniforms(seed);
      const [a, b] = [1, 2].map(() => randomVector(9, () => 4 * next()));
      const lnP = a!.map((x) => x - logSumExp(a!, 0, 9));
      expect(klDivergence(lnP, 0, b!, 0, logSumExp(b!, 0, 9), 9)).toBeGreaterThan(-1e-6);
    }),
  );
});

describe("texts", () => {
  test("curly quotes become straight and em dashes double hyphens; nothing else changes", () => {
    expect(
      prepareText("\u201cI\u2019m here\u201d\u2014he said\u2013\u2018no\u2019\u2026 naïve"),
    ).toBe("\"I'm here\"--he said\u2013'no'\u2026 naïve");
  });

  test("windows do not overlap; the rest of the text is left out", () => {
    const cut = windowsOf(
      "t",
      Int32Array.from({ length: 11 }, (_, i) => i),
      4,
      100,
    );
    expect(cut.map(({ tokens }) => [...tokens])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(cut.map(({ firstRow }) => firstRow)).toEqual([0, 4]);
  });

  test("a text shorter than a window, or of another vocabulary, is refused by name", () => {
    const ids = Int32Array.of(1, 2, 3);
    expect(() => windowsOf("short.txt", ids, 4, 100)).toThrow(
      /^short\.txt: found a text of 3 tokens/,
    );
    expect(() => windowsOf("other.txt", ids, 3, 3)).toThrow(/found token 3; allowed: 0 to 2/);
  });
});
