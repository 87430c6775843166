import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LANE_OPS } from "../../src/cost/components/lane-ops.ts";

/** A reader who cites assumption A10 must find the numbers that the program uses. */
test("lane operations per element are those of assumption A10", () => {
  const text = readFileSync(new URL("../../docs/assumptions.md", import.meta.url), "utf8");
  const line = text.split("\n").find((row) => row.startsWith("| A10 |"))!;
  const stated = (name: string) => Number(new RegExp(`${name} (\\d+)`).exec(line)?.[1]);
  expect(LANE_OPS).toMatchObject({
    sigmoid: stated("sigmoid"),
    swiglu: stated("SwiGLU"),
    softmax: stated("softmax"),
    "rms-norm": stated("RMS norm"),
    rope: stated("RoPE"),
    "top-k": stated("top-k"),
    gelu: stated("GELU"),
    tanh: stated("tanh"),
    "lstm-cell": stated("a cell of an LSTM"),
  });
  // Compare, subtract, sum and scale around one exponential.
  expect(LANE_OPS.softmax - 4).toBe(stated("exp"));
});
