import { describe, expect, test } from "vitest";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { head, runModel } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { golden, TINY_MODELS, tinyWeights, tinyWorkload } from "./tiny-models.ts";

/**
 * Outputs of an independent implementation (float32, on a GPU) for four prompts of 64 tokens of
 * novels that are not in the training text.
 */
describe.each(TINY_MODELS)("%s agrees with its golden outputs", (model) => {
  const workload = tinyWorkload(model);
  const { prompts } = golden(model);
  const windows = prompts.map(({ ids }, i) => ({
    tokens: Int32Array.from(ids),
    firstRow: i * ids.length,
  }));
  const batch = batchOf(windows);
  const space = createWorkspace(workload, batch.rows, 64);
  const { digital, attend } = createWasmEngine();
  const decoder = assembleDecoder(
    workload,
    tinyWeights(model),
    (m, weights) => digital(weights, m.outputs, m.inputs),
    attend,
  );
  const experts = new Map<number, Int32Array>();
  const probabilities = new Map<number, Float32Array>();
  const hidden = runModel(decoder, batch, space, {
    onRouting: (layer, _rowIds, chosen, weights) => {
      experts.set(layer, chosen.slice());
      probabilities.set(layer, weights.slice());
    },
  });

  test.each(prompts.map((_, p) => p))("logits of the last token of prompt %d, within 1e-3", (p) => {
    const row = batch.windowBegin[p + 1]! - 1;
    const logits = new Float32Array(workload.vocabulary_tokens);
    head(decoder, batch, hidden, row, row + 1, logits, space);
    const worst = Math.max(...prompts[p]!.last_logits.map((x, i) => Math.abs(x - logits[i]!)));
    expect(worst).toBeLessThan(1e-3);
  });

  test("the same four experts, in the same order, for every token, with the same weights", () => {
    prompts.forEach(({ router }, p) => {
      const first = batch.windowBegin[p]! * 4;
      for (const [layer, expected] of Object.entries(router)) {
        const count = expected.experts.length * 4;
        const ours = experts.get(Number(layer))!.subarray(first, first + count);
        expect([...ours]).toEqual(expected.experts.flat());
        const weights = probabilities.get(Number(layer))!.subarray(first, first + count);
        // The golden file gives six digits.
        expected.probs.flat().forEach((prob, i) => {
          expect(Math.abs(prob - weights[i]!)).toBeLessThan(2e-5);
        });
      }
    });
  });
});
