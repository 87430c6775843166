import fc from "fast-check";
import { expect, test } from "vitest";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { Projection } from "../../src/numerics/engine.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { batchesOf, batchOf } from "../../src/transformer/batch.ts";
import type { Decoder } from "../../src/transformer/decoder.ts";
import { runModel } from "../../src/transformer/model.ts";
import { createRunMemory, type RunMemory, runWindows } from "../../src/transformer/run-windows.ts";
import { createTrail, runShared } from "../../src/transformer/shared-run.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainProjection } from "./plain-engine.ts";
import { randomWeights, randomWindows, SMALL } from "./random-model.ts";

/** One dense layer, two with experts. */
const MODEL = { ...SMALL, layers: 3 };
const matrices = weightMatrices(MODEL);
const weights = randomWeights(MODEL, 3);
const windows = randomWindows(MODEL, [7, 5, 9, 4], 5);

/** Decoders whose projections exist once for each matrix and version; and what was applied. */
function family() {
  const made = new Map<string, Projection>();
  const applied: string[] = [];
  const attend = assembleDecoder(MODEL, weights, (m, w) => plainProjection(w, m.outputs, m.inputs))
    .layers[0]!.attention.attend;
  const projection = (matrix: WeightMatrix, w: Float32Array, version: number): Projection => {
    const name = `${matrix.layer} ${matrix.module} ${matrix.part} ${matrix.expert} ${version}`;
    const own = plainProjection(
      w.map((x, i) => x * (1 + 0.3 * version * Math.sin(i))),
      matrix.outputs,
      matrix.inputs,
    );
    const known = made.get(name) ?? {
      ...own,
      apply: (...args: Parameters<Projection["apply"]>) => {
        applied.push(name);
        own.apply(...args);
      },
    };
    made.set(name, known);
    return known;
  };
  const decoderOf = (versions: readonly number[]): Decoder =>
    assembleDecoder(MODEL, weights, (m, w) => projection(m, w, versions[m.id] ?? 0), attend);
  return { decoderOf, applied };
}

/** The streams of every batch, one after another. */
function streamsOf(decoder: Decoder, memory: RunMemory | null): number[] {
  const streams: number[] = [];
  runWindows(decoder, windows, undefined, ({ hidden }) => streams.push(...hidden), memory);
  return streams;
}

/** Placements that differ little, so that much is shared, and versions come back. */
const placements = fc.array(
  fc.record({
    at: fc.array(fc.nat({ max: matrices.length - 1 }), { maxLength: 4 }),
    version: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 2, maxLength: 8 },
);

test("decoders run one after the other come to what each comes to alone, bit for bit", () => {
  const { decoderOf } = family();
  fc.assert(
    fc.property(placements, (changes) => {
      const memory = createRunMemory();
      const versions = matrices.map(() => 0);
      for (const { at, version } of changes) {
        for (const id of at) versions[id] = versions[id] === version ? 0 : version;
        const decoder = decoderOf(versions);
        expect(streamsOf(decoder, memory)).toEqual(streamsOf(decoder, null));
      }
    }),
    { numRuns: 40 },
  );
});

const gateOf = (layer: number, expert: number): number =>
  matrices.findIndex((m) => m.layer === layer && m.expert === expert && m.part === "gate");
const except = (id: number, version: number): number[] =>
  matrices.map((m) => (m.id === id ? version : 0));

test("only what differs is computed", () => {
  const { decoderOf, applied } = family();
  const memory = createRunMemory();
  const after = (versions: readonly number[]): string[] => {
    applied.length = 0;
    streamsOf(decoderOf(versions), memory);
    return [...applied];
  };
  expect(after([]).length).toBeGreaterThan(20);
  // Nothing differs; the LM head is not run here.
  expect(after([])).toEqual([]);
  const used = [0, 1, 2, 3, 4].filter((e) => after(except(gateOf(2, e), 1)).length > 0);
  // From the second run on this stream every other expert is known.
  for (const expert of used) {
    const names = after(except(gateOf(2, expert), 2));
    expect(names.sort()).toEqual([
      `2 expert down ${expert} 0`,
      `2 expert gate ${expert} 2`,
      `2 expert up ${expert} 0`,
      "2 router weight -1 0",
    ]);
  }
  // A difference in front: the layers behind it run as a whole.
  expect(
    after(except(gateOf(1, used[0]!), 1)).filter((n) => n.startsWith("2 ")).length,
  ).toBeGreaterThan(7);
});

test("another router, other norms and other weights are other computations", () => {
  const { decoderOf } = family();
  const decoder = decoderOf([]);
  const [batch] = batchesOf(windows, 1024);
  const space = createWorkspace(MODEL, batch!.rows, 9);
  const trail = createTrail();
  const plain = (own: Decoder) => runModel(own, batch!, createWorkspace(MODEL, batch!.rows, 9));
  const router = matrices.findIndex((m) => m.layer === 1 && m.module === "router");
  const norms = decoder.layers.map((layer, l) =>
    l === 1
      ? { ...layer, norms: { ...layer.norms, input: layer.norms.input.map((x) => 2 * x) } }
      : layer,
  );
  const embedding = decoder.embedding.map((x) => -x);
  const others = [
    decoderOf(except(router, 1)),
    decoderOf(except(router, 2)),
    { ...decoder, layers: norms },
    { ...decoder, embedding },
  ];
  for (const other of others)
    for (const own of [decoder, other, other])
      expect(runShared(trail, own, batch!, space)).toEqual(plain(own));
});

test("a run that throws is not gone on from", () => {
  const { decoderOf } = family();
  const trail = createTrail();
  const batch = batchOf(windows);
  const space = createWorkspace(MODEL, batch.rows, 9);
  const [a, b] = [decoderOf([]), decoderOf(except(gateOf(1, 0), 1))];
  runShared(trail, a, batch, space);
  const broken = {
    ...b,
    layers: b.layers.map((layer, l) => ({
      ...layer,
      attention: {
        ...layer.attention,
        attend: l === 2 ? () => expect.unreachable() : layer.attention.attend,
      },
    })),
  };
  expect(() => runShared(trail, broken, batch, space)).toThrow();
  const alone = runModel(b, batch, createWorkspace(MODEL, batch.rows, 9));
  expect(runShared(trail, b, batch, space)).toEqual(alone);
});

test("observers would not see what is not computed", () => {
  const { decoderOf } = family();
  expect(() =>
    runWindows(decoderOf([]), windows, { onInputs: () => {} }, undefined, createRunMemory()),
  ).toThrow(/hooks/);
});
