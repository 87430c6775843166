import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRouting } from "../../src/lowering/routing.ts";
import type { Routing } from "../../src/model/run.ts";
import { fillUniforms } from "../../src/random/philox.ts";

const random = (seed: number) => (stream: number, row: number, out: Float32Array) =>
  fillUniforms(out, { seed, matrix: stream, block: 0, purpose: "routing", row });
const router = { groups: 1, active_groups: 1 };
const bursts = (mean_tokens: number, exponent = 0): Routing => ({
  kind: "bursts",
  mean_tokens,
  exponent,
});

/** Experts of tokens 0 .. tokens - 1 of one sequence in layer 0. */
function choices(
  routing: Routing,
  { experts, k, tokens, seed = 1 }: { experts: number; k: number; tokens: number; seed?: number },
): number[][] {
  const shape = { layers: 1, experts, active_experts: k, dense_layers: [], router };
  const choose = createRouting(routing, shape, random(seed));
  return Array.from({ length: tokens }, (_, token) => {
    const into = new Int32Array(k);
    choose(0, token, into, 0, token);
    return [...into];
  });
}

const shared = (a: readonly number[], b: readonly number[]): number =>
  a.filter((e) => b.includes(e)).length;

describe("bursts", () => {
  /**
   * Two experts, one wanted, draws renewed with probability r: the choice stays when none is
   * renewed; with 2/3 when one is (three draws, of which either of two may be the smallest); with
   * 1/2 when both are.
   */
  test.each([1, 2, 5, 20])("a choice of one of two lasts as long as the model says: %d", (mean) => {
    const r = 1 / mean;
    const tokens = 60_000;
    const chosen = choices(bursts(mean), { experts: 2, k: 1, tokens });
    let same = 0;
    for (let t = 1; t < tokens; t++) if (chosen[t]![0] === chosen[t - 1]![0]) same++;
    const expected = (1 - r) ** 2 + (4 / 3) * r * (1 - r) + r ** 2 / 2;
    // Correlated samples: sigma is at most that of tokens / mean independent ones.
    const sigma = Math.sqrt((expected * (1 - expected) * mean) / tokens);
    expect(Math.abs(same / (tokens - 1) - expected)).toBeLessThan(4 * Math.min(sigma, 0.003));
  });

  test("popularity stays that of the draw without bursts", () => {
    const size = { experts: 8, k: 3, tokens: 40_000, seed: 5 };
    const load = (routing: Routing): number[] => {
      const count = new Array<number>(8).fill(0);
      for (const token of choices(routing, size)) for (const e of token) count[e]!++;
      return count.map((n) => n / size.tokens);
    };
    const alone = load({ kind: "zipf", exponent: 1 });
    const lasting = load(bursts(4, 1));
    // sigma of a share: 0.0025 alone, about sqrt(2 * 4) times that with bursts.
    alone.forEach((share, e) => {
      expect(Math.abs(lasting[e]! - share)).toBeLessThan(0.028);
    });
  });

  test("consecutive tokens share more experts the longer draws last, and all in the limit", () => {
    const overlap = (mean: number): number => {
      const chosen = choices(bursts(mean), { experts: 64, k: 8, tokens: 4000 });
      let sum = 0;
      for (let t = 1; t < chosen.length; t++) sum += shared(chosen[t]!, chosen[t - 1]!);
      return sum / (chosen.length - 1);
    };
    const found = [1, 2, 8, 64, 1e6].map(overlap);
    // Independent: k * k / E = 1; sigma 0.014.
    expect(Math.abs(found[0]! - 1)).toBeLessThan(0.06);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found[4]).toBeGreaterThan(7.9);
  });

  test("a choice is a function of seed, layer, sequence and position, in any order of asking", () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.double({ min: 1, max: 30, noNaN: true }),
        fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(40)), { minLength: 2, maxLength: 12 }),
        (seed, mean, asked) => {
          const shape = {
            layers: 3,
            experts: 16,
            active_experts: 4,
            dense_layers: [],
            router: { groups: 4, active_groups: 2 },
          };
          const draw = (order: typeof asked): Map<string, number[]> => {
            const choose = createRouting(bursts(mean, 1), shape, random(seed));
            return new Map(
              order.map(([layer, sequence, position]) => {
                const into = new Int32Array(4);
                choose(layer, 999, into, sequence, position);
                return [`${layer} ${sequence} ${position}`, [...into]];
              }),
            );
          };
          const first = draw(asked);
          const second = draw([...asked].reverse());
          expect(second).toEqual(new Map([...first].reverse()));
          for (const chosen of first.values()) {
            expect(new Set(chosen).size).toBe(4);
            expect(new Set(chosen.map((e) => Math.floor(e / 4))).size).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
