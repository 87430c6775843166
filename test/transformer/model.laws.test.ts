import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { createReferenceEngine } from "../../src/numerics/engines/reference.ts";
import { createWasmEngine } from "../../src/numerics/engines/wasm.ts";
import { assembleDecoder, assembleLayer } from "../../src/transformer/assemble.ts";
import { batchesOf, batchOf, type TokenWindow } from "../../src/transformer/batch.ts";
import type { Decoder } from "../../src/transformer/decoder.ts";
import { embed, head, logitsOf, runLayer, runModel } from "../../src/transformer/model.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainProjection } from "./plain-engine.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "./random-model.ts";

const vocabulary = SMALL.vocabulary_tokens;
const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const lengths = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 5 });

const logits = (decoder: Decoder, windows: readonly TokenWindow[]): Float32Array => {
  const batch = batchOf(windows);
  return logitsOf(decoder, batch, createWorkspace(decoder.workload, batch.rows, 64));
};

/** Logits of each window run alone, one after the other. */
const oneByOne = (decoder: Decoder, windows: readonly TokenWindow[]): number[] =>
  windows.flatMap((window) => [...logits(decoder, [window])]);

describe("laws of the forward pass, for random weights", () => {
  const wasm = createWasmEngine();
  const engines = {
    plain: { digital: plainProjection, attend: null },
    reference: { digital: createReferenceEngine().digital, attend: null },
    wasm: { digital: wasm.digital, attend: wasm.attend },
  };

  describe.each(Object.entries(engines))("%s engine", (_name, { digital, attend }) => {
    const decoderOf = (seed: number): Decoder =>
      assembleDecoder(
        SMALL,
        randomWeights(SMALL, seed),
        (m, w) => digital(w, m.outputs, m.inputs),
        attend,
      );

    test("changing a token changes no logit before it, and some logit from it on", () => {
      fc.assert(
        fc.property(seeds, fc.integer({ min: 1, max: 12 }), fc.nat(), (seed, length, place) => {
          const decoder = decoderOf(seed);
          const [window] = randomWindows(SMALL, [length], seed);
          const at = place % length;
          const tokens = window!.tokens.slice();
          tokens[at] = (tokens[at]! + 1) % vocabulary;
          const before = logits(decoder, [window!]);
          const after = logits(decoder, [{ ...window!, tokens }]);
          const split = at * vocabulary;
          expect(after.subarray(0, split)).toEqual(before.subarray(0, split));
          expect(after.subarray(split)).not.toEqual(before.subarray(split));
        }),
        { numRuns: 30 },
      );
    });

    test("how windows are batched changes no bit", () => {
      fc.assert(
        fc.property(seeds, lengths, (seed, sizes) => {
          const decoder = decoderOf(seed);
          const windows = randomWindows(SMALL, sizes, seed);
          expect([...logits(decoder, windows)]).toEqual(oneByOne(decoder, windows));
        }),
        { numRuns: 25 },
      );
    });
  });

  test("the order of windows changes no bit of any of them", () => {
    fc.assert(
      fc.property(seeds, lengths, (seed, sizes) => {
        const decoder = plainDecoder(SMALL, randomWeights(SMALL, seed));
        const windows = randomWindows(SMALL, sizes, seed);
        const backwards = windows.toReversed();
        expect([...logits(decoder, backwards)]).toEqual(oneByOne(decoder, backwards));
      }),
      { numRuns: 25 },
    );
  });

  test("all windows through one layer, then the next, equals window by window through all", () => {
    const weights = randomWeights(SMALL, 5);
    const decoder = plainDecoder(SMALL, weights);
    const batches = batchesOf(randomWindows(SMALL, [5, 9, 2, 7], 5), 12);
    expect(batches.length).toBe(3);
    const space = createWorkspace(SMALL, 16, 16);
    const streams = batches.map((batch) => {
      const hidden = new Float32Array(batch.rows * SMALL.hidden_features);
      embed(decoder.embedding, SMALL.hidden_features, batch, hidden);
      return hidden;
    });
    for (let i = 0; i < SMALL.layers; i++) {
      const ofLayer = weightMatrices(SMALL).filter(({ layer }) => layer === i);
      const layer = assembleLayer(SMALL, weights.norms[i]!, ofLayer, (m) =>
        plainProjection(weights.matrices[m.id]!, m.outputs, m.inputs),
      );
      batches.forEach((batch, b) => {
        runLayer(SMALL, layer, batch, streams[b]!, space);
      });
    }
    batches.forEach((batch, b) => {
      expect(streams[b]).toEqual(runModel(decoder, batch, space));
    });
  });

  test("logits do not depend on how many rows are asked for at a time", () => {
    const decoder = plainDecoder(SMALL, randomWeights(SMALL, 6));
    const batch = batchOf(randomWindows(SMALL, [6, 5], 6));
    const space = createWorkspace(SMALL, batch.rows, 16);
    const hidden = runModel(decoder, batch, space);
    const row = new Float32Array(vocabulary);
    const whole = logitsOf(decoder, batch, space);
    for (let r = 0; r < batch.rows; r++) {
      head(decoder, batch, hidden, r, r + 1, row, space);
      expect(row).toEqual(whole.subarray(r * vocabulary, (r + 1) * vocabulary));
    }
  });

  test("grouped queries equal full heads whose keys and values are repeated", () => {
    const grouped = withHeads(4, 2);
    const full = withHeads(4, 4);
    const weights = randomWeights(grouped, 7);
    const width = 6 * grouped.hidden_features;
    const repeated = weights.matrices.map((w, id) => {
      const { module, part } = weightMatrices(grouped)[id]!;
      if (module !== "attention" || (part !== "k" && part !== "v")) return w;
      return Float32Array.from({ length: 4 * width }, (_, i) => {
        const head = Math.floor(i / width);
        return w[Math.floor(head / 2) * width + (i % width)]!;
      });
    });
    const windows = randomWindows(grouped, [9, 4], 7);
    expect(logits(plainDecoder(full, { ...weights, matrices: repeated }), windows)).toEqual(
      logits(plainDecoder(grouped, weights), windows),
    );
  });
});

function withHeads(heads: number, kv_heads: number): Workload {
  const attention = { ...SMALL.attention, heads, kv_heads, qk_norm: "none" } as const;
  return { ...SMALL, attention: attention as Workload["attention"] };
}

describe("what observers and projections see", () => {
  const windows = randomWindows(SMALL, [5, 8], 9);
  const batch = batchOf(windows.map((w) => ({ ...w, firstRow: w.firstRow + 1000 })));
  const weights = randomWeights(SMALL, 9);
  const seenIds = new Map<WeightMatrix, number[]>();
  const inputRows = new Map<WeightMatrix, number>();
  const decoder = assembleDecoder(SMALL, weights, (m, w) => {
    const plain = plainProjection(w, m.outputs, m.inputs);
    return {
      ...plain,
      apply: (x, rows, rowIds, y) => {
        seenIds.set(m, [...(seenIds.get(m) ?? []), ...rowIds.subarray(0, rows)]);
        plain.apply(x, rows, rowIds, y);
      },
    };
  });
  const routed: { layer: number; experts: number[]; sum: number }[] = [];
  logitsOf(decoder, batch, createWorkspace(SMALL, batch.rows, 16), {
    onInputs: (m, x, rows) => {
      expect(x.length).toBe(rows * m.inputs);
      inputRows.set(m, (inputRows.get(m) ?? 0) + rows);
    },
    onRouting: (layer, rowIds, experts, gateWeights) => {
      expect(rowIds).toEqual(batch.rowIds);
      routed.push({ layer, experts: [...experts], sum: gateWeights.reduce((a, b) => a + b, 0) });
    },
  });

  test("every token's number reaches every matrix that works on it, once", () => {
    for (const [{ module, expert }, ids] of seenIds) {
      const all = [...batch.rowIds];
      const mine = module === "expert" ? all.filter((_, row) => chosen(row).includes(expert)) : all;
      expect(ids).toEqual(mine);
    }
  });

  test("inputs are reported for each product", () => {
    for (const [matrix, ids] of seenIds) expect(inputRows.get(matrix)).toBe(ids.length);
  });

  test("every matrix but the embedding and idle experts is used", () => {
    const used = new Set([...seenIds.keys()].map(({ id }) => id));
    const idle = weightMatrices(SMALL).filter(({ id }) => !used.has(id));
    const busy = new Set(routed.flatMap(({ experts }) => experts));
    expect(
      idle.every(
        ({ module, expert }) =>
          module === "embedding" || (module === "expert" && !busy.has(expert)),
      ),
    ).toBe(true);
  });

  test("a layer with experts reports k different experts a token; a dense layer none", () => {
    expect(routed.map(({ layer }) => layer)).toEqual([1]);
    expect(routed[0]!.experts.length).toBe(batch.rows * 2);
    for (let row = 0; row < batch.rows; row++) expect(new Set(chosen(row)).size).toBe(2);
    expect(routed[0]!.sum).toBeLessThan(batch.rows);
  });

  function chosen(row: number): number[] {
    return routed[0]!.experts.slice(2 * row, 2 * row + 2);
  }
});
