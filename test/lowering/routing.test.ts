import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRouting, zipfWeights } from "../../src/lowering/routing.ts";
import { InputError } from "../../src/model/issue.ts";
import { fillUniforms } from "../../src/random/philox.ts";

const random = (seed: number) => (stream: number, row: number, out: Float32Array) =>
  fillUniforms(out, { seed, matrix: stream, block: 0, purpose: "routing", row });

const router = { groups: 1, active_groups: 1 };
const shape = { layers: 3, experts: 16, active_experts: 4, dense_layers: [], router };
const draw = (
  choose: ReturnType<typeof createRouting>,
  layer: number,
  token: number,
  k: number,
): number[] => {
  const into = new Int32Array(k);
  choose(layer, token, into);
  return [...into];
};

describe("drawn choices", () => {
  test("are k different experts, ascending, and depend on seed, layer and token only", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(20),
        fc.nat(1000),
        fc.nat(2),
        fc.nat(500),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (experts, fewer, seed, layer, token, exponent) => {
          const k = Math.max(1, experts - fewer);
          const own = { ...shape, experts, active_experts: k };
          const routing = { kind: "zipf", exponent } as const;
          const first = createRouting(routing, own, random(seed));
          const chosen = draw(first, layer, token, k);
          expect(new Set(chosen).size).toBe(k);
          expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
          expect(Math.max(...chosen)).toBeLessThan(experts);
          const second = createRouting(routing, own, random(seed));
          draw(second, 0, 999, k);
          expect(draw(second, layer, token, k)).toEqual(chosen);
        },
      ),
    );
  });

  test("uniform: every expert gets k/E of the tokens, and every pair its share", () => {
    const choose = createRouting({ kind: "uniform" }, shape, random(7));
    const tokens = 20_000;
    const load = new Float64Array(16);
    let together = 0;
    for (let token = 0; token < tokens; token++) {
      const chosen = draw(choose, 1, token, 4);
      for (const e of chosen) load[e]!++;
      if (chosen.includes(3) && chosen.includes(11)) together++;
    }
    // sigma of a share is 0.0031; of the pair's, 4 * 3 / (16 * 15), 0.0015
    for (const n of load) expect(Math.abs(n / tokens - 0.25)).toBeLessThan(0.013);
    expect(Math.abs(together / tokens - 0.05)).toBeLessThan(0.0062);
  });

  test("zipf, k = 1: the expert ranked r gets 1 / r^s over the sum of all", () => {
    const one = { ...shape, active_experts: 1 };
    const choose = createRouting({ kind: "zipf", exponent: 1.2 }, one, random(5));
    const weights = zipfWeights(16, 1.2, 2, random(5));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const tokens = 20_000;
    const load = new Float64Array(16);
    for (let token = 0; token < tokens; token++) load[draw(choose, 2, token, 1)[0]!]!++;
    weights.forEach((weight, e) => {
      const p = weight / total;
      const sigma = Math.sqrt((p * (1 - p)) / tokens);
      expect(Math.abs(load[e]! / tokens - p)).toBeLessThan(4.2 * sigma);
    });
  });

  test("groups: experts of a token lie in as many as are allowed, and all are used evenly", () => {
    const grouped = { ...shape, active_experts: 3, router: { groups: 4, active_groups: 2 } };
    const choose = createRouting({ kind: "uniform" }, grouped, random(3));
    const tokens = 20_000;
    const load = new Float64Array(16);
    let mostGroups = 0;
    for (let token = 0; token < tokens; token++) {
      const chosen = draw(choose, 0, token, 3);
      mostGroups = Math.max(mostGroups, new Set(chosen.map((e) => e >> 2)).size);
      for (const e of chosen) load[e]!++;
    }
    expect(mostGroups).toBe(2);
    // sigma of the share 3/16 is 0.0028
    for (const n of load) expect(Math.abs(n / tokens - 3 / 16)).toBeLessThan(0.0116);
  });

  test("ranks differ from layer to layer and weights are 1 / rank^s", () => {
    const [a, b] = [0, 1].map((layer) => zipfWeights(16, 2, layer, random(1)));
    expect([...a!]).not.toEqual([...b!]);
    const ranked = [...a!].sort((x, y) => y - x);
    ranked.forEach((weight, r) => {
      expect(weight).toBeCloseTo((r + 1) ** -2, 12);
    });
  });
});

describe("a trace", () => {
  const trace = (...experts: number[][]) =>
    ({ kind: "trace", name: "t.jsonl", experts: experts.map((e) => Int32Array.from(e)) }) as const;
  const two = { layers: 2, experts: 5, active_experts: 2, dense_layers: [0], router };

  test("is replayed, and repeated when shorter than the run", () => {
    const choose = createRouting(trace([], [4, 1, 2, 3, 0, 1]), two, random(1));
    expect([0, 1, 2, 3].map((token) => draw(choose, 1, token, 2))).toEqual([
      [1, 4],
      [2, 3],
      [0, 1],
      [1, 4],
    ]);
  });

  const refusal = (...experts: number[][]) => {
    try {
      createRouting(trace(...experts), two, random(1));
    } catch (error) {
      if (error instanceof InputError) return error.message;
    }
    return "";
  };

  test.each([
    ["of another number of layers", [[1, 2]], "found 1 layers; allowed: 2 layers"],
    ["of another top-k", [[], [1, 2, 3]], "t.jsonl#/1: found 3 expert choices"],
    ["that is empty", [[], []], "found 0 expert choices"],
    ["with an expert that no layer has", [[], [0, 1, 2, 5]], "#/1/1: found experts 2, 5"],
    ["with the same expert twice", [[], [3, 3]], "#/1/0: found experts 3, 3"],
  ])("%s is refused", (_, experts, text) => {
    expect(refusal(...experts)).toContain(text);
  });
});
