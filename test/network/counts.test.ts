import { describe, expect, test } from "vitest";
import { networkMatrices, usesPerExample } from "../../src/model/network-matrices.ts";
import { layerShapes } from "../../src/model/network-shapes.ts";
import { arch, conv, countOf, images, run, text } from "./fixtures.ts";

describe("a convolution of 4 x 4 positions, 3 x 3 x 64 inputs, 600 outputs", () => {
  // 576 inputs and 600 outputs are 2 x 2 blocks of at most 512 x 512
  const network = images([4, 4, 64], [conv("c", 3, 600)]);
  const result = run(network, "analog");

  test("reads 4 blocks at each of 16 positions", () => {
    expect(result.crossbars_used).toBe(4);
    // Both column blocks drive all rows, both row blocks convert all columns.
    expect(countOf(result, "pcm-tile row driver", "drive")).toBe(16 * 2 * 576);
    expect(countOf(result, "pcm-tile adc", "convert")).toBe(16 * 2 * 600);
    expect(countOf(result, "pcm-tile crossbar", "read cell")).toBe(16 * 576 * 600);
  });

  test("keeps its image in the activation memory: written once, read window by window", () => {
    // 16-bit activations; 4 windows at corners see 4 positions, 8 at edges 6, 4 inside 9
    expect(countOf(result, "sram", "write")).toBe(16 * 64 * 2);
    expect(countOf(result, "sram", "read")).toBe((4 * 4 + 8 * 6 + 4 * 9) * 64 * 2);
    expect(countOf(result, "hbm", "read")).toBe(0);
  });

  test("digitally it is one product of 16 rows, whose weights come once", () => {
    const digital = run(network, "digital");
    expect(countOf(digital, "systolic core", "mac")).toBe(16 * 576 * 600);
    expect(countOf(digital, "hbm", "read")).toBe(576 * 600 * 2);
    expect(countOf(digital, "sram", "read")).toBe(16 * 576 * 2);
    expect(countOf(digital, "sram", "write")).toBe(16 * 600 * 2);
  });

  test("a batch does all of it again, but for fetching digital weights", () => {
    const three = run(network, "analog", { batch: 3 });
    expect(countOf(three, "pcm-tile adc", "convert")).toBe(3 * 16 * 2 * 600);
    expect(three.decode!.tokens).toBe(3);
    expect(countOf(run(network, "digital", { batch: 3 }), "hbm", "read")).toBe(576 * 600 * 2);
  });
});

test("strides and padding: 7 x 7 windows of stride 7 cut 28 x 28 into 16 patches", () => {
  const network = images(
    [28, 28, 1],
    [conv("patches", 7, 64, { stride_rows: 7, padding_rows: 0 })],
  );
  expect(layerShapes(network)).toEqual([{ rows: 4, cols: 4, features: 64 }]);
  // Patches do not overlap: every pixel is read once.
  expect(countOf(run(network, "analog"), "sram", "read")).toBe(28 * 28 * 2);
});

test("copies share positions as evenly as can be", () => {
  const network = images([3, 3, 8], [conv("c", 1, 8, { copies: 4 })]);
  const matrices = networkMatrices(network);
  expect(matrices.map(({ copy }) => copy)).toEqual([0, 1, 2, 3]);
  expect(usesPerExample(network, matrices)).toEqual([3, 2, 2, 2]);
  const result = run(network, "analog");
  expect(result.crossbars_used).toBe(4);
  expect(countOf(result, "pcm-tile adc", "convert")).toBe(9 * 8);
  // Digital weights have no use for copies.
  expect(countOf(run(network, "digital"), "hbm", "read")).toBe(8 * 8 * 2);
  expect(run(network, "digital").digital_parameters_frac).toBe(1);
});

test("pooling, means and sums: elements by hand", () => {
  const network = images(
    [4, 4, 8],
    [
      conv("c", 1, 8),
      { name: "sum", kind: "add", with: "input" },
      { name: "pool", kind: "pool", window_rows: 2, stride_rows: 2, mode: "max" },
      { name: "mean", kind: "global-mean" },
      { name: "flat", kind: "flatten" },
      { name: "head", kind: "linear", features: 5 },
      { name: "soft", kind: "elementwise", fn: "softmax" },
    ],
  );
  const result = run(network, "analog");
  expect(countOf(result, "vector core", "add")).toBe(16 * 8);
  expect(countOf(result, "vector core", "max")).toBe(4 * (4 * 8));
  expect(countOf(result, "vector core", "accumulate")).toBe(4 * 8);
  expect(countOf(result, "vector core", "softmax")).toBe(12 * 5);
  // Every position of both pooled fields is written once and read once.
  expect(countOf(result, "sram", "write")).toBe((16 + 4) * 8 * 2);
  expect(countOf(result, "sram", "read")).toBe((16 + 4) * 8 * 2);
});

test("an LSTM of T steps multiplies input and state T times each, whatever the phase", () => {
  const network = text([
    { name: "embedding", kind: "embedding", vocabulary_tokens: 50, features: 32 },
    { name: "lstm", kind: "lstm", features: 64 },
    { name: "head", kind: "linear", features: 50 },
  ]);
  const result = run(network, "analog", { batch: 2, prefill_tokens: 5, decode_tokens: 3 });
  const steps = 2 * (5 + 3);
  // The head is wanted of the last character of the prompt only.
  const heads = 2 * (1 + 3);
  expect(countOf(result, "pcm-tile crossbar", "read cell")).toBe(
    steps * (32 + 64) * 256 + heads * 64 * 50,
  );
  expect(countOf(result, "vector core", "lstm-cell")).toBe(steps * 64 * 81);
  expect(countOf(result, "hbm", "read")).toBe(steps * 32 * 2);
  expect([result.prefill!.tokens, result.decode!.tokens]).toEqual([10, 6]);
});

test("attention of an encoder: projections of every position, heads once for all of them", () => {
  const network = images([1, 6, 32], [{ name: "a", kind: "attention", heads: 4 }]);
  const result = run(network, "digital");
  const projections = 4 * 6 * 32 * 32;
  const heads = 2 * 6 * 6 * 32;
  expect(countOf(result, "systolic core", "mac")).toBe(projections + heads);
  expect(countOf(result, "vector core", "softmax")).toBe(12 * 4 * 6 * 6);
});

test("what only tiles can be short of is a reason, and so is a memory", () => {
  const [tile] = arch.tiles;
  const small = {
    ...arch,
    tiles: [{ ...tile!, count: 1, crossbar: { ...tile!.crossbar, tiers: 1 } }],
  };
  const network = images([4, 4, 64], [conv("c", 3, 600)]);
  const full = run(network, "analog", {}, small);
  expect(full).toMatchObject({ feasible: false, prefill: null, decode: null });
  expect(full.infeasible_reason).toBe("analog matrices need 4 crossbars, the chip has 1");
  const memories = arch.memories.map((memory) => ({ ...memory, capacity_B: 1000 }));
  expect(run(network, "digital", {}, { ...arch, memories }).infeasible_reason).toBe(
    "no room for the digital weights in hbm: needs 691200 B, there are 1000 B",
  );
  expect(run(network, "analog", {}, { ...arch, memories }).infeasible_reason).toBe(
    "no room for the largest layer in sram: needs 19200 B, there are 1000 B",
  );
});
