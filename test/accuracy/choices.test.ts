import { expect, test } from "vitest";
import { answerScore, sequenceLogProbabilities } from "../../src/accuracy/answers.ts";
import { choiceWindows, parseChoices } from "../../src/accuracy/choices.ts";
import { InputError } from "../../src/model/issue.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { logSumExp } from "../../src/transformer/log-probabilities.ts";
import { logitsOf } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainDecoder, randomWeights, SMALL } from "../transformer/random-model.ts";

/** A token a letter; a space is token 27. */
const encode = (text: string) =>
  Int32Array.from(text, (c) => (c === " " ? 27 : c.charCodeAt(0) - 96));

test("every bad line is named", () => {
  const lines = [
    '{"context":"a","choices":["b","c"],"label":1,"more":3}',
    "not json",
    '{"context":"a","choices":["b"],"label":0}',
    '{"context":"a","choices":["b","c"],"label":2}',
    '{"context":"a","choices":["b","b"],"label":0}',
    '{"context":"","choices":["b","c"],"label":0}',
    '{"context":"a","choices":["b",""],"label":0}',
    "null",
  ];
  expect(parseChoices("f", `${lines[0]}\n\n`)).toEqual([
    { context: "a", choices: ["b", "c"], label: 1 },
  ]);
  const read = () => parseChoices("c.jsonl", lines.join("\n"));
  expect(read).toThrow(InputError);
  for (const line of [2, 3, 4, 5, 6, 7, 8]) expect(read).toThrow(`found line ${line}: `);
  expect(() => parseChoices("empty", "")).toThrow(/no choice/);
});

test("a choice's tokens are those behind the context; its length is in bytes, tokens or nothing", () => {
  const items = [{ context: "ab ", choices: ["cde", "f"], label: 1 }];
  const windows = choiceWindows("f", items, encode, 0, 37, "bytes");
  expect(windows).toEqual([
    {
      ...{ tokens: Int32Array.of(0, 1, 2, 27, 3, 4, 5), firstRow: 0, item: 0 },
      ...{ isRight: false, firstCounted: 3, divisor: 3 },
    },
    {
      ...{ tokens: Int32Array.of(0, 1, 2, 27, 6), firstRow: 7, item: 0 },
      ...{ isRight: true, firstCounted: 3, divisor: 1 },
    },
  ]);
  const divisors = (norm: "tokens" | "none") =>
    choiceWindows("f", items, encode, 0, 37, norm).map(({ divisor }) => divisor);
  expect(divisors("tokens")).toEqual([4, 2]);
  expect(divisors("none")).toEqual([1, 1]);
});

test("only the choice's own tokens count", () => {
  const decoder = plainDecoder(SMALL, randomWeights(SMALL, 4));
  const items = [{ context: "ab", choices: ["cd", "f"], label: 0 }];
  const windows = choiceWindows("f", items, encode, 0, 37, "none");
  const [first] = sequenceLogProbabilities(decoder, windows);
  const logits = logitsOf(decoder, batchOf([windows[0]!]), createWorkspace(SMALL, 6, 6));
  const expected = [27, 3, 4].reduce((sum, token, i) => {
    const row = i + 2;
    return sum + logits[row * 37 + token]! - logSumExp(logits, row * 37, 37);
  }, 0);
  expect(first).toBeCloseTo(expected, 9);
});

test("length decides when it is divided by", () => {
  const items = [
    { context: "a", choices: ["bbbb", "c", "d"], label: 0 },
    { context: "a", choices: ["b", "c"], label: 1 },
  ];
  const nats = [-4, -2, -3, -1, -1];
  const score = (norm: "bytes" | "none") =>
    answerScore(choiceWindows("f", items, encode, 0, 37, norm), nats, 3);
  // -4 over four bytes beats -2 over one; a tie is wrong
  expect(score("bytes")).toEqual({ seed: 3, pairs: 2, correct: 1 });
  expect(score("none")).toEqual({ seed: 3, pairs: 2, correct: 0 });
});
