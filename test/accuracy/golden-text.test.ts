import { describe, expect, test } from "vitest";
import { scoreWindows } from "../../src/accuracy/score-text.ts";
import { evaluateText } from "../../src/accuracy/statistics.ts";
import { WINDOW_TOKENS, windowsOf } from "../../src/accuracy/text.ts";
import { createTokenizer } from "../../src/checkpoint/tokenizer.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import {
  goldenText,
  json,
  TINY_MODELS,
  tinyWeights,
  tinyWorkload,
} from "../transformer/tiny-models.ts";
import { chapters } from "./moby-dick.ts";

describe.each(TINY_MODELS)("%s on Moby-Dick, chapters 1 to 5", (model) => {
  const workload = tinyWorkload(model);
  const file = `workloads/${model}/tokenizer.json`;
  const expected = goldenText(model);
  const ids = createTokenizer(file, json(file), {}).encode(chapters(1, 5));
  const windows = windowsOf("moby-dick", ids, WINDOW_TOKENS, workload.vocabulary_tokens);

  test("has as many tokens and windows as the reference", () => {
    expect(ids.length).toBe(expected.tokens);
    expect(windows.length).toBe(expected.windows);
  });

  test("has the NLL of the reference within 1e-4", () => {
    const { digital, attend } = createWasmEngine();
    const decoder = assembleDecoder(
      workload,
      tinyWeights(model),
      (m, weights) => digital(weights, m.outputs, m.inputs),
      attend,
    );
    const result = evaluateText([scoreWindows(decoder, windows, { seed: 1 })]);
    expect(result.predictions).toBe(expected.predictions);
    expect(Math.abs(result.nll_nats - expected.nll)).toBeLessThan(expected.tolerance_nll);
  }, 120_000);
});
