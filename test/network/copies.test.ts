import { expect, test } from "vitest";
import { withLayerCopies } from "../../src/mapping/network-copies.ts";
import type { Network } from "../../src/model/network.ts";
import { networkMatrices, usesPerExample } from "../../src/model/network-matrices.ts";
import { loadNetwork } from "../evaluate/load.ts";
import { arch, conv, images, run } from "./fixtures.ts";

const { crossbar } = arch.tiles[0]!;

/** Positions that the busiest crossbar reads for one image; turns go on from image to image. */
function bottleneck(network: Network): number {
  const matrices = networkMatrices(network);
  const uses = usesPerExample(network, matrices);
  return Math.max(
    ...matrices.map(({ layer, part }) => {
      const alike = matrices.filter((m) => m.layer === layer && m.part === part);
      return alike.reduce((sum, { id }) => sum + uses[id]!, 0) / alike.length;
    }),
  );
}

test("a budget of none changes nothing", () => {
  const network = loadNetwork("cnn-digits");
  expect(withLayerCopies(network, crossbar, 0)).toEqual(network);
});

test("the layer with the most positions gets the next copy, by hand", () => {
  // 64 and 16 positions: 64, then 32 + 32, then 22, 21, 21, then 16 each, as the second layer has
  const network = images([8, 8, 4], [conv("a", 3, 4), conv("b", 3, 4, { stride_rows: 2 })]);
  const copies = (budget: number) =>
    withLayerCopies(network, crossbar, budget).layers.map((l) =>
      l.kind === "conv" ? (l.copies ?? 1) : 0,
    );
  expect(copies(1)).toEqual([2, 1]);
  expect(copies(3)).toEqual([4, 1]);
  // Both have 16 to do: the first one comes first.
  expect(copies(4)).toEqual([5, 1]);
  expect(copies(5)).toEqual([5, 2]);
  expect(copies(1000)).toEqual([64, 16]);
});

test("what is spent is within the budget, and the pipeline is as fast as its busiest copy", () => {
  const network = loadNetwork("cnn-digits");
  let before_ns = Number.POSITIVE_INFINITY;
  for (const budget of [0, 4, 16, 64]) {
    const grown = withLayerCopies(network, crossbar, budget);
    const crossbars = run(grown, "analog").crossbars_used;
    expect(crossbars - run(network, "analog").crossbars_used).toBeLessThanOrEqual(budget);
    const [one_ns, four_ns] = [1, 4].map(
      (batch) => run(grown, "analog", { batch }).decode!.latency_ns,
    );
    expect(one_ns!).toBeLessThan(before_ns);
    before_ns = one_ns!;
    expect((four_ns! - one_ns!) / 3).toBeGreaterThanOrEqual(0.95 * bottleneck(grown) * 130);
    expect((four_ns! - one_ns!) / 3).toBeLessThan(1.3 * bottleneck(grown) * 130);
  }
});

test("dynamic energy of the crossbars does not depend on copies", () => {
  const network = loadNetwork("cnn-digits");
  const cells = (own: Network): number =>
    run(own, "analog").breakdown.find(({ action }) => action === "read cell")!.count;
  expect(cells(withLayerCopies(network, crossbar, 64))).toBe(cells(network));
});

test("all four matrices of attention are copied together", () => {
  const network = images([1, 16, 32], [{ name: "a", kind: "attention", heads: 4 }]);
  expect(withLayerCopies(network, crossbar, 3)).toEqual(network);
  const grown = withLayerCopies(network, crossbar, 4);
  expect(networkMatrices(grown).map(({ part, copy }) => `${part}${copy}`)).toEqual(
    ["q", "k", "v", "o"].flatMap((part) => [`${part}0`, `${part}1`]),
  );
  const [one, two] = [network, grown].map((own) => run(own, "analog"));
  expect(two!.decode!.latency_ns).toBeLessThan(0.7 * one!.decode!.latency_ns);
  for (const action of ["read cell", "convert"])
    expect(two!.breakdown.find((row) => row.action === action)!.count).toBe(
      one!.breakdown.find((row) => row.action === action)!.count,
    );
});
