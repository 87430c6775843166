import { describe, expect, test } from "vitest";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import { issuesOf, type Json, someWorkload, withValue } from "./fixtures.ts";

const pointersOf = (workload: Json): string[] =>
  issuesOf(() => parseWorkload(workload, "w.json")).map((issue) => issue.pointer);
const changed = (...changes: [string, unknown][]): string[] => {
  const workload = someWorkload();
  for (const [pointer, value] of changes) withValue(workload, pointer, value);
  return pointersOf(workload);
};

/** 6 layers of which layer 0 is dense, 24 experts, top-4, 8 heads. */
test("the unchanged workload passes", () => {
  expect(changed()).toEqual([]);
});

describe("checks across fields", () => {
  test("top-k within the experts", () => {
    expect(changed(["/moe/active_experts", 24])).toEqual([]);
    expect(changed(["/moe/active_experts", 25])).toEqual(["/moe/active_experts"]);
  });

  test("groups divide the experts, and the active ones hold enough", () => {
    const groups = (all: number, active: number) =>
      changed(["/moe/router/groups", all], ["/moe/router/active_groups", active]);
    expect(groups(8, 2)).toEqual([]);
    expect(groups(8, 9)).toEqual(["/moe/router/active_groups"]);
    expect(groups(7, 2)).toEqual(["/moe/router/groups"]);
    expect(groups(8, 1)).toEqual(["/moe/router/active_groups"]);
  });

  test("dense layers exist, once, have a width, and leave a layer with experts", () => {
    expect(changed(["/dense_layers", [0, 6]])).toEqual(["/dense_layers/1"]);
    expect(changed(["/dense_layers", [0, 0]])).toEqual(["/dense_layers/1"]);
    expect(changed(["/dense_features", 0])).toEqual(["/dense_features"]);
    expect(changed(["/dense_layers", [0, 1, 2, 3, 4, 5]])).toEqual(["/dense_layers"]);
  });

  test("key-value heads divide the query heads", () => {
    expect(changed(["/attention/kv_heads", 3])).toEqual(["/attention/kv_heads"]);
  });

  test("a window says which layers have it", () => {
    expect(changed(["/attention/sliding_window_tokens", 8])).toEqual(["/attention/sliding_layers"]);
    expect(changed(["/attention/sliding_layers", "all"])).toEqual([
      "/attention/sliding_window_tokens",
    ]);
  });

  test("a gate needs a shared expert", () => {
    expect(changed(["/moe/shared_features", 0], ["/moe/shared_gate", true])).toEqual([
      "/moe/shared_gate",
    ]);
  });

  test("sizes beyond memory or beyond exact counts are refused, quickly", () => {
    expect(changed(["/layers", 10_000], ["/moe/experts", 65_536])).toEqual(["/moe/experts"]);
    expect(changed(["/hidden_features", 1e9], ["/vocabulary_tokens", 1e9])).toEqual([""]);
  });
});
