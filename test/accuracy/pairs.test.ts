import { describe, expect, test } from "vitest";
import {
  type AnswerWindow,
  scoreAnswers,
  sequenceLogProbabilities,
} from "../../src/accuracy/answers.ts";
import { pairScore, pairWindows, parsePairs } from "../../src/accuracy/pairs.ts";
import { createTokenizer } from "../../src/checkpoint/tokenizer.ts";
import { InputError } from "../../src/model/issue.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { logSumExp } from "../../src/transformer/log-probabilities.ts";
import { logitsOf } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainDecoder, randomWeights, SMALL } from "../transformer/random-model.ts";
import { json, TINY_MODELS, tinyWeights, tinyWorkload } from "../transformer/tiny-models.ts";

describe("files of pairs", () => {
  test("our fields and BLiMP's are read; empty lines are skipped", () => {
    const text = `{"uid":"a","good":"x y","bad":"y x","pair":3}\r\n\n{"UID":"b","sentence_good":"p","sentence_bad":"q"}\n`;
    expect(parsePairs("f", text)).toEqual([
      { uid: "a", good: "x y", bad: "y x" },
      { uid: "b", good: "p", bad: "q" },
    ]);
  });

  test("every bad line is named", () => {
    const text = `{"uid":"a","good":"x","bad":"y"}\nnot json\n{"uid":"a","good":"x"}\nnull\n{"uid":"a","good":"","bad":"y"}`;
    const read = () => parsePairs("pairs.jsonl", text);
    expect(read).toThrow(InputError);
    for (const line of [2, 3, 4, 5]) expect(read).toThrow(`pairs.jsonl: found line ${line}: `);
    expect(() => parsePairs("empty.jsonl", "\n")).toThrow(/no pair/);
  });
});

test("each sentence stands behind the start token, and has rows of its own", () => {
  const encode = (text: string) => Int32Array.from(text, (c) => c.charCodeAt(0) - 96);
  const pairs = [{ uid: "u", good: "abc", bad: "cb" }];
  const windows = pairWindows("f", pairs, encode, 0, 37);
  const whole = { item: 0, firstCounted: 1, divisor: 1 };
  expect(windows).toEqual([
    { tokens: Int32Array.of(0, 1, 2, 3), firstRow: 0, isRight: true, ...whole },
    { tokens: Int32Array.of(0, 3, 2), firstRow: 4, isRight: false, ...whole },
  ]);
  expect(() => pairWindows("f", pairs, encode, 0, 3)).toThrow(/token 3/);
});

test("the log-probability of a sentence is the sum over its tokens", () => {
  const decoder = plainDecoder(SMALL, randomWeights(SMALL, 4));
  const window: AnswerWindow = {
    ...{ tokens: Int32Array.of(0, 5, 9, 2), firstRow: 0 },
    ...{ item: 0, isRight: true, firstCounted: 1, divisor: 1 },
  };
  const other = { ...window, isRight: false };
  const logits = logitsOf(decoder, batchOf([window]), createWorkspace(SMALL, 4, 4));
  const expected = [5, 9, 2].reduce(
    (sum, token, row) => sum + logits[row * 37 + token]! - logSumExp(logits, row * 37, 37),
    0,
  );
  const [first, second] = sequenceLogProbabilities(decoder, [window, other]);
  expect(first).toBeCloseTo(expected, 9);
  expect(second).toBe(first);
  expect(scoreAnswers(decoder, [window, other], 7)).toEqual({ seed: 7, pairs: 1, correct: 0 });
});

test("a pair is right when the good sentence is more likely; a tie is wrong", () => {
  const score = pairScore(Float64Array.of(-1, -2, -2, -1, -3, -3), 1);
  expect(score).toEqual({ seed: 1, pairs: 3, correct: 1 });
});

/** Sentences of our own, on agreement that a model of this size has learnt. */
const AGREEMENT = [
  ["The boys were in the garden.", "The boys was in the garden."],
  ["She looked at herself in the glass.", "She looked at himself in the glass."],
  ["These books are very old.", "These books is very old."],
  ["He has gone to the village.", "He have gone to the village."],
] as const;

test.each(TINY_MODELS)("%s prefers grammatical sentences", (model) => {
  const workload = tinyWorkload(model);
  const file = `workloads/${model}/tokenizer.json`;
  const { encode } = createTokenizer(file, json(file), {});
  const { digital, attend } = createWasmEngine();
  const decoder = assembleDecoder(
    workload,
    tinyWeights(model),
    (m, w) => digital(w, m.outputs, m.inputs),
    attend,
  );
  const pairs = AGREEMENT.map(([good, bad]) => ({ uid: "agreement", good, bad }));
  const windows = pairWindows("pairs", pairs, encode, 0, workload.vocabulary_tokens);
  expect(scoreAnswers(decoder, windows, 1).correct).toBe(AGREEMENT.length);
});
