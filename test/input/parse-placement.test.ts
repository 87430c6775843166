import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePlacement, parsePlacementFile } from "../../src/input/parse-placement.ts";
import { placementFileOf, resolvePlacement } from "../../src/input/placement-rules.ts";
import { ALWAYS_DIGITAL, matrixLabel, weightMatrices } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import { loadWorkload } from "../workloads/load.ts";
import { issuesOf } from "./fixtures.ts";

/** 6 layers, layer 0 dense, 24 experts and a shared expert in the others. */
const workload = loadWorkload("tiny-deepseekmoe");
const matrices = weightMatrices(workload);

const fileOf = (rules: unknown[], otherwise = "digital") => ({
  format: "placement/1",
  name: "mine",
  default: otherwise,
  rules,
});
const parse = (rules: unknown[], otherwise?: string) =>
  parsePlacement(fileOf(rules, otherwise), "p.json", workload);
const analogLabels = (rules: unknown[], otherwise?: string): string[] => {
  const { targets } = parse(rules, otherwise);
  return matrices.filter((m) => targets[m.id] === "analog").map(matrixLabel);
};

describe("rules", () => {
  test("name matrices by what they are", () => {
    expect(
      analogLabels([{ module: "expert", layer: 2, expert: [3, 23], part: "up", target: "analog" }]),
    ).toEqual(["layer 2 expert 3 up", "layer 2 expert 23 up"]);
    expect(analogLabels([{ module: ["lm-head", "dense"], target: "analog" }])).toEqual([
      "layer 0 dense gate",
      "layer 0 dense up",
      "layer 0 dense down",
      "lm-head",
    ]);
  });

  test("win over the default, and later ones over earlier ones", () => {
    const labels = analogLabels(
      [
        { module: "attention", target: "digital" },
        { module: "attention", part: "o", layer: 5, target: "analog" },
      ],
      "analog",
    );
    expect(labels.filter((label) => label.includes("attention"))).toEqual(["layer 5 attention o"]);
  });

  test("never move embedding and router, whatever the default or a broad rule says", () => {
    const { targets } = parse([{ layer: [0, 1], target: "analog" }], "analog");
    for (const m of matrices)
      expect(targets[m.id]).toBe(ALWAYS_DIGITAL.includes(m.module) ? "digital" : "analog");
  });
});

describe("issues", () => {
  const issues = (...rules: unknown[]) =>
    issuesOf(() => parse(rules)).map(({ pointer, found }) => [pointer, found]);

  test("all at once: indices beyond the workload and modules that stay digital", () => {
    expect(
      issues(
        { layer: 6, target: "analog" },
        { module: "expert", layer: [1, 99], expert: [0, 24], target: "digital" },
        { module: ["attention", "router"], target: "analog" },
        { module: "embedding", target: "analog" },
      ),
    ).toEqual([
      ["/rules/0/layer", "6"],
      ["/rules/1/layer/1", "99"],
      ["/rules/1/expert/1", "24"],
      ["/rules/2/module/1", '"router" on analog tiles'],
      ["/rules/3/module", '"embedding" on analog tiles'],
    ]);
  });

  test("a rule without effect", () => {
    const nothing = "a rule that names no matrix of the workload";
    expect(issues({ module: "expert", layer: 0, target: "analog" })).toEqual([
      ["/rules/0", nothing],
    ]);
    expect(issues({ module: "attention", part: "gate", target: "digital" })).toEqual([
      ["/rules/0", nothing],
    ]);
    expect(issues({ module: "attention", expert: 1, target: "analog" })).toEqual([
      ["/rules/0", nothing],
    ]);
  });

  test("the form comes first, and needs no workload", () => {
    expect(issuesOf(() => parsePlacementFile(fileOf([{ target: "both" }]), "p.json"))).toHaveLength(
      1,
    );
    expect(
      parsePlacementFile(fileOf([{ layer: 99, target: "analog" }]), "p.json").rules,
    ).toHaveLength(1);
  });
});

describe("a placement as a file", () => {
  const free = matrices.filter((m) => !ALWAYS_DIGITAL.includes(m.module));
  const targetsWith = (analog: ReadonlySet<number>): Target[] =>
    matrices.map((m) => (analog.has(m.id) ? "analog" : "digital"));

  test("law: resolves to the same targets, passes the checks, for any targets", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
        fc.constantFrom(5, 50, 95),
        (granularity, stream, percent) => {
          // Draws are shared by matrices of one module, layer or expert, so that rules can be long and short.
          const draws = new Map<string, boolean>();
          const keyOf = (m: (typeof matrices)[number]): string =>
            [m.module, m.layer, m.expert, m.part].slice(0, granularity + 1).join();
          const analog = new Set<number>();
          for (const m of free) {
            const key = keyOf(m);
            if (!draws.has(key)) draws.set(key, stream.next().value < percent);
            if (draws.get(key)) analog.add(m.id);
          }
          const placement = { name: "any", targets: targetsWith(analog) };
          const file = placementFileOf(placement, matrices);
          expect(resolvePlacement(file, matrices)).toEqual(placement);
          expect(parsePlacement(JSON.parse(JSON.stringify(file)), "p.json", workload)).toEqual(
            placement,
          );
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test("is short where the placement is regular", () => {
    const chosen = free.filter(
      (m) => m.module === "expert" && [3, 7].includes(m.expert) && m.layer < 3,
    );
    const targets = matrices.map(
      (m): Target =>
        ALWAYS_DIGITAL.includes(m.module) || chosen.includes(m) || m.module === "attention"
          ? "digital"
          : "analog",
    );
    expect(placementFileOf({ name: "x", targets }, matrices)).toEqual({
      format: "placement/1",
      name: "x",
      default: "analog",
      rules: [
        { module: "attention", target: "digital" },
        { module: "expert", layer: [1, 2], expert: [3, 7], target: "digital" },
      ],
    });
  });
});
