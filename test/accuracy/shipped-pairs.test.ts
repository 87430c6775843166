import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatePairs, PAIRS_FILE } from "../../scripts/pairs/generate.ts";
import { scoreAnswers } from "../../src/accuracy/answers.ts";
import { pairWindows, parsePairs } from "../../src/accuracy/pairs.ts";
import { createTokenizer } from "../../src/checkpoint/tokenizer.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { json, TINY_MODELS, tinyWeights, tinyWorkload } from "../transformer/tiny-models.ts";

const shipped = readFileSync(PAIRS_FILE, "utf8");
const pairs = parsePairs(PAIRS_FILE, shipped);

test("the shipped file is what the generator writes", () => {
  expect(generatePairs()).toBe(shipped);
});

test("at least 500 pairs, all different, each of two different sentences", () => {
  expect(pairs.length).toBeGreaterThanOrEqual(500);
  expect(new Set(pairs.map(({ good, bad }) => `${good}|${bad}`)).size).toBe(pairs.length);
  for (const { good, bad } of pairs) {
    expect(good).not.toBe(bad);
    for (const text of [good, bad]) expect(text).toMatch(/^[A-Z][A-Za-z ]+[.?]$/);
  }
});

test("no sentence is right in one pair and wrong in another", () => {
  const bad = new Set(pairs.map((pair) => pair.bad));
  expect(pairs.filter(({ good }) => bad.has(good))).toEqual([]);
});

test.each(TINY_MODELS)("%s is right on at least 85 % of a sixth of them", (model) => {
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
  const some = pairs.filter((_, i) => i % 6 === 0);
  const windows = pairWindows("pairs", some, encode, 0, workload.vocabulary_tokens);
  expect(scoreAnswers(decoder, windows, 1).correct / some.length).toBeGreaterThanOrEqual(0.85);
});
