import { describe, expect, test } from "vitest";
import { createPriceList } from "../../src/cost/price.ts";
import { loadNetwork, NETWORKS } from "../evaluate/load.ts";
import { arch, conv, images, run, text } from "./fixtures.ts";

const latency_ns = (...args: Parameters<typeof run>): number => run(...args).decode!.latency_ns;

/** Joins and empty messages take a picosecond each, which is no time that a chip would know. */
const SLACK_NS = 0.1;

test("one position on one crossbar: network, read, sum, network, by hand", () => {
  const network = images([1, 1, 64], [conv("c", 1, 64)]);
  // From hub 27 to the first tile, at node 0: 6 hops of 5 ns; 64 inputs of a byte over 32 B/ns.
  const there_ns = 6 * 5 + 64 / 32;
  // Load, integrate, 8 conversions a converter of 16 ns each, merge, store.
  const read_ns = 64 / 32 + 130 + 8 * 16 + 1 + 64 / 32;
  // Scales of 64 columns: 2 operations each, on 8 lanes.
  const sum_ns = (64 * 2) / 8;
  const back_ns = 6 * 5 + (64 * 2) / 32;
  const expected_ns = there_ns + read_ns + sum_ns + back_ns;
  expect(Math.abs(latency_ns(network, "analog") - expected_ns)).toBeLessThan(SLACK_NS);
});

test("positions on one crossbar follow one another every 130 ns", () => {
  const side = (rows: number) => images([rows, rows, 64], [conv("c", 1, 64)]);
  const one = latency_ns(side(1), "analog");
  for (const rows of [2, 3, 6])
    expect(Math.abs(latency_ns(side(rows), "analog") - one - (rows ** 2 - 1) * 130)).toBeLessThan(
      SLACK_NS,
    );
});

test("a layer starts when its windows are there, not when the layer before is done", () => {
  const first = conv("first", 3, 64);
  const second = conv("second", 3, 64);
  const one = latency_ns(images([8, 8, 64], [first]), "analog");
  const both = latency_ns(images([8, 8, 64], [first, second]), "analog");
  expect(both).toBeGreaterThan(one);
  // The second layer lags behind by a row and a position, and by the way of the last window.
  expect(both).toBeLessThan(one + 10 * 130 + 500);
  // Digital layers wait for all of the layer before.
  const digital = [first, second].map((own) => latency_ns(images([8, 8, 64], [own]), "digital"));
  const together = latency_ns(images([8, 8, 64], [first, second]), "digital");
  expect(Math.abs(together / (digital[0]! + digital[1]!) - 1)).toBeLessThan(0.01);
});

test("more copies are never slower, and as many as there are positions are fast", () => {
  const network = (copies: number) => images([6, 6, 32], [conv("c", 3, 32, { copies })]);
  const times = [1, 2, 3, 4, 6, 9, 12, 36].map((copies) => latency_ns(network(copies), "analog"));
  for (let i = 1; i < times.length; i++) expect(times[i]!).toBeLessThanOrEqual(times[i - 1]!);
  expect(times[1]! / times[0]!).toBeLessThan(0.6);
  expect(times.at(-1)!).toBeLessThan(1000);
});

test("images of a batch share the pipeline: the slowest layer decides", () => {
  const network = loadNetwork("cnn-digits");
  const [one, five] = [1, 5].map((batch) => latency_ns(network, "analog", { batch }));
  // 196 positions of the first layer every 130 ns
  const period_ns = 196 * 130;
  expect(Math.abs((five! - one!) / (4 * period_ns) - 1)).toBeLessThan(0.02);
});

describe("an LSTM", () => {
  const network = text([{ name: "lstm", kind: "lstm", features: 128 }], 32);
  const prompt_ns = (steps: number, target: "analog" | "digital" = "analog", batch = 1): number =>
    run(network, target, { batch, prefill_tokens: steps, decode_tokens: 0 }).prefill!.latency_ns;

  test("takes a step as long as from state to state, by hand", () => {
    const { price } = createPriceList(arch);
    const ns = (op: Parameters<typeof price>[0]): number => {
      const { duration_ps, tail_ps } = price(op);
      return (duration_ps + tail_ps) / 1000;
    };
    // The matrix of the state is the second block, on the second of the 8 tiles of node 0.
    const way_ns = 6 * 5;
    const step_ns =
      way_ns +
      128 / 32 +
      ns({ kind: "mvm", tileKind: 0, rows: 128, cols: 512 }) +
      ns({ kind: "tile-vector", tileKind: 0, fn: "multiply-add", elements: 512 }) +
      way_ns +
      (512 * 2) / 32 +
      ns({ kind: "vector", core: 1, fn: "lstm-cell", elements: 128 });
    const [three, four] = [3, 4].map((steps) => prompt_ns(steps));
    expect(Math.abs(four! - three! - step_ns)).toBeLessThan(SLACK_NS);
    expect(prompt_ns(4)).toBeGreaterThanOrEqual(4 * step_ns);
  });

  test.each(["analog", "digital"] as const)("%s: the same for every further step", (target) => {
    const times = [8, 9, 16, 17].map((steps) => prompt_ns(steps, target));
    expect(times[1]! - times[0]!).toBeCloseTo(times[3]! - times[2]!, 6);
    // Twice the steps take twice the time, less what only the first one takes, give or take what
    // inputs of later steps hold up on the way.
    const step_ns = times[1]! - times[0]!;
    expect(times[2]!).toBeLessThanOrEqual(2 * times[0]!);
    expect(Math.abs(times[2]! - times[0]! - 8 * step_ns)).toBeLessThan(5);
  });

  test("layers overlap: two of them lag by one step, not by all", () => {
    const two = text(
      [
        { name: "a", kind: "lstm", features: 128 },
        { name: "b", kind: "lstm", features: 128 },
      ],
      32,
    );
    const both = run(two, "analog", { prefill_tokens: 32, decode_tokens: 0 }).prefill!.latency_ns;
    expect(both).toBeGreaterThan(prompt_ns(32));
    expect(both).toBeLessThan(1.2 * prompt_ns(32));
  });

  test("sequences overlap within a step", () => {
    expect(prompt_ns(8, "analog", 4)).toBeLessThan(2.5 * prompt_ns(8));
    expect(prompt_ns(8, "analog", 4)).toBeGreaterThan(prompt_ns(8));
  });
});

test.each(NETWORKS)("%s: levels agree about energy, and times are ordered", (name) => {
  const network = loadNetwork(name);
  for (const target of ["analog", "digital"] as const) {
    const options = { batch: 2, prefill_tokens: 4, decode_tokens: 1 };
    const [table, bounds, exact] = (["table", "bounds", "simulate"] as const).map((level) =>
      run(network, target, { ...options, level }),
    );
    for (const phase of network.stream ? (["prefill", "decode"] as const) : (["decode"] as const)) {
      expect(table![phase]!.latency_ns).toBeLessThanOrEqual(bounds![phase]!.latency_lower_ns);
      expect(bounds![phase]!.latency_lower_ns).toBeLessThanOrEqual(exact![phase]!.latency_ns);
      expect(exact![phase]!.latency_ns).toBeLessThanOrEqual(bounds![phase]!.latency_upper_ns!);
      const dynamic_pJ = [table, bounds, exact].map((result) =>
        result!.breakdown
          .filter((row) => row.phase === phase && row.action !== "static")
          .reduce((sum, row) => sum + row.energy_pJ, 0),
      );
      expect(dynamic_pJ[0]! / dynamic_pJ[2]!).toBeCloseTo(1, 10);
      expect(dynamic_pJ[1]! / dynamic_pJ[2]!).toBeCloseTo(1, 10);
      const own = exact!.breakdown.filter((row) => row.phase === phase);
      expect(own.reduce((sum, row) => sum + row.energy_pJ, 0)).toBe(exact![phase]!.energy_pJ);
    }
    if (!network.stream) expect(exact!.prefill).toBeNull();
  }
});

test("an explanation sums up to the time that it explains", () => {
  for (const name of NETWORKS) {
    const result = run(loadNetwork(name), "analog", { prefill_tokens: 4, explain: true });
    const decode = result.explanation!.critical.filter(({ phase }) => phase === "decode");
    const sum_ns = decode.reduce((sum, row) => sum + row.time_ns, 0);
    expect(sum_ns / result.decode!.duration_ns).toBeCloseTo(1, 9);
  }
});
