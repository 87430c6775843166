import { describe, expect, test } from "vitest";
import { createTokenizer } from "../../src/checkpoint/tokenizer.ts";
import { golden, json, TINY_MODELS } from "../transformer/tiny-models.ts";

describe.each(TINY_MODELS)("tokenizer of %s", (model) => {
  const file = `workloads/${model}/tokenizer.json`;
  const config = json(`workloads/${model}/tokenizer_config.json`);
  const tokenizer = createTokenizer(file, json(file), config);

  test.each(golden(model).tokenizer)("encodes $text as the reference does", ({ text, ids }) => {
    expect([...tokenizer.encode(text)]).toEqual(ids);
  });

  test("encodes the texts of the golden prompts as the reference does", () => {
    for (const { text, ids } of golden(model).prompts)
      expect([...tokenizer.encode(text)]).toEqual(ids);
  });

  test("knows the token that starts a text", () => {
    expect(tokenizer.startId).toBe(0);
    expect(createTokenizer(file, json(file), {}).startId).toBeNull();
  });
});

test.each([
  ["null", null],
  ["an empty object", {}],
  ["a list", []],
  ["a model without vocabulary", { model: { type: "BPE" } }],
  ["a number for a model", { model: 3 }],
])("%s is refused with the name of the file", (_name, contents) => {
  expect(() => createTokenizer("t.json", contents, {})).toThrow(/^t\.json/);
});
