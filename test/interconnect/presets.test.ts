import { describe, expect, test } from "vitest";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import { topologies } from "../../src/interconnect/index.ts";
import type { Arch } from "../../src/model/arch.ts";
import { flitRouters, routerAdd_pJ } from "../../src/model/interconnect.ts";
import { archNames } from "../cost/load-arch.ts";
import { allAnalog, loadArch, loadWorkload, OPTIONS } from "../evaluate/load.ts";

const olmoe = loadWorkload("olmoe-1b-7b");
const evaluate = (arch: Arch) =>
  evaluateCost(arch, olmoe, allAnalog(olmoe), { ...OPTIONS, prefill_tokens: 4, decode_tokens: 1 });
const bytesMoved = ({ breakdown }: ReturnType<typeof evaluate>): number =>
  breakdown
    .filter(({ component, action }) => component === "interconnect" && action === "byte hop")
    .reduce((sum, { count }) => sum + count, 0);
/** Dynamic energy of all but the network. */
const otherEnergy_pJ = ({ breakdown }: ReturnType<typeof evaluate>): number =>
  breakdown
    .filter(({ component, action }) => component !== "interconnect" && action !== "static")
    .reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);

const chips = archNames
  .filter((name) => name.startsWith("hetero-pcm"))
  .map(loadArch)
  .filter(({ interconnect }) => routerAdd_pJ(interconnect) === null)
  .filter(({ interconnect }) => flitRouters(interconnect) === null);
const ofKind = new Map(chips.map((arch) => [arch.interconnect.kind, arch] as const));
const mesh = evaluate(loadArch("hetero-pcm"));

test("every topology is that of a shipped chip", () => {
  expect(new Set(ofKind.keys())).toEqual(new Set(Object.keys(topologies)));
});

describe.each([...ofKind])("hetero-pcm with a %s", (_kind, arch) => {
  const run = evaluate(arch);

  test("runs OLMoE-1B-7B", () => {
    expect(run.feasible).toBe(true);
    expect(run.decode!.latency_ns).toBeGreaterThan(0);
    expect(bytesMoved(run)).toBeGreaterThan(0);
  });

  test("differs from the mesh in the network only", () => {
    expect(otherEnergy_pJ(run) / otherEnergy_pJ(mesh)).toBeCloseTo(1, 12);
  });
});

test("a bus of the same width is the slowest network, and it moves each byte once", () => {
  const bus = evaluate(ofKind.get("bus")!);
  for (const arch of ofKind.values()) {
    const run = evaluate(arch);
    expect(bus.prefill!.latency_ns).toBeGreaterThanOrEqual(run.prefill!.latency_ns);
    expect(bytesMoved(bus)).toBeLessThanOrEqual(bytesMoved(run));
  }
});

/** The mesh of hetero-pcm with broken links. */
function withDeadLinks(dead_links: number[][]): Arch {
  const arch = loadArch("hetero-pcm");
  return { ...arch, interconnect: { ...arch.interconnect, kind: "mesh", dead_links } as never };
}

describe("dead links", () => {
  test("make detours: as many ops, more byte hops, not faster", () => {
    const run = evaluate(
      withDeadLinks([
        [26, 27],
        [27, 19],
        [35, 43],
      ]),
    );
    expect(run.feasible).toBe(true);
    expect(run.decode!.ops).toBe(mesh.decode!.ops);
    expect(bytesMoved(run)).toBeGreaterThan(bytesMoved(mesh));
  });

  test("that cut tiles off make the design infeasible, with the reason", () => {
    const run = evaluate(
      withDeadLinks([
        [0, 1],
        [0, 8],
      ]),
    );
    expect(run.feasible).toBe(false);
    expect(run.infeasible_reason).toBe(
      "dead links cut the network: no way is left from hub node 27 to node 0",
    );
    expect(run.decode).toBeNull();
  });

  test("that cut off a node without weights do no harm", () => {
    const small = loadWorkload("tiny-olmoe");
    const cut = withDeadLinks([
      [63, 62],
      [63, 55],
    ]);
    expect(evaluateCost(cut, small, allAnalog(small), OPTIONS).feasible).toBe(true);
  });

  test("a hub that is cut off is named", () => {
    const run = evaluate(
      withDeadLinks([
        [36, 35],
        [36, 37],
        [36, 28],
        [36, 44],
      ]),
    );
    expect(run.infeasible_reason).toContain("to node 36");
  });
});

test("flit by flit the chip does the same work, later than with links that are reserved", () => {
  const decode = { ...OPTIONS, prefill_tokens: 0, decode_tokens: 1, explain: true };
  const flits = evaluateCost(loadArch("hetero-pcm-flits"), olmoe, allAnalog(olmoe), decode);
  const messages = evaluateCost(loadArch("hetero-pcm"), olmoe, allAnalog(olmoe), decode);
  expect(flits.decode!.ops).toBe(messages.decode!.ops);
  expect(bytesMoved(flits)).toBe(bytesMoved(messages));
  expect(flits.decode!.latency_ns).toBeGreaterThan(messages.decode!.latency_ns);
  expect(flits.explanation).toBeUndefined();
  expect(flits.notes.join()).toContain("waits are not explained");
});
