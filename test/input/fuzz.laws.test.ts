import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importWorkload, modelTypes } from "../../src/input/importers/index.ts";
import { parseArch } from "../../src/input/parse-arch.ts";
import { parseNetwork } from "../../src/input/parse-network.ts";
import { parsePlacement } from "../../src/input/parse-placement.ts";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import { readJson } from "../../src/input/read-json.ts";
import { InputError } from "../../src/model/issue.ts";
import { loadJson, loadWorkload } from "../workloads/load.ts";
import { PUBLISHED } from "../workloads/published.ts";

const workload = loadWorkload("tiny-deepseekmoe");
const PLACEMENT = {
  format: "placement/1",
  name: "mine",
  default: "digital",
  rules: [
    { module: "expert", layer: [1, 2], expert: 3, target: "analog" },
    { module: ["attention", "lm-head"], part: ["q", "weight"], target: "analog" },
  ],
};

const TARGETS: readonly [string, unknown, (value: unknown) => unknown][] = [
  ["arch", loadJson("arch/hetero-pcm.json"), (value) => parseArch(value, "a.json")],
  ["workload", loadJson("workloads/deepseek-v2-lite.json"), (v) => parseWorkload(v, "w.json")],
  ["network", loadJson("workloads/encoder-digits.json"), (v) => parseNetwork(v, "n.json")],
  ["placement", PLACEMENT, (value) => parsePlacement(value, "p.json", workload)],
  ...PUBLISHED.map(({ name }): [string, unknown, (value: unknown) => unknown] => [
    `config of ${name}`,
    loadJson(`test/workloads/configs/${name}.json`),
    (value) => importWorkload(value, "config.json", name),
  ]),
];

/** Either a value, or an InputError with at least one issue that says what and where. */
function expectValueOrIssues(run: () => unknown): void {
  try {
    expect(run()).toBeDefined();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { pointer, found, allowed } of error.issues) {
      expect(pointer === "" || pointer.startsWith("/")).toBe(true);
      expect(found).not.toBe("");
      expect(allowed).not.toBe("");
    }
  }
}

/** What people and programs put in the place of a right value. */
const wrongValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "x", [], {}, [0], { kind: "x" }, 0, -1, 0.5, 1e9, 1e300),
  fc.constantFrom<unknown>(Number.POSITIVE_INFINITY, Number.NaN, -0, 3, 7, 64, 1e6, "digital"),
  fc.integer({ min: -2, max: 300 }),
  fc.jsonValue({ maxDepth: 2 }),
);

interface Mutation {
  readonly kind: "replace" | "delete" | "add" | "swap";
  readonly place: number;
  readonly value: unknown;
  readonly name: string;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("replace", "delete", "add", "swap"),
  place: fc.nat(),
  value: wrongValue,
  name: fc.constantFrom("__proto__", "constructor", "a/b~c", "read_us", "kind", "", "extends"),
});

type Holder = Record<string, unknown>;

/** Every field and item of a value, as the object that holds it and its key. */
function placesOf(value: unknown): [Holder, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key): [Holder, string][] => [
    [value as Holder, key],
    ...placesOf((value as Holder)[key]),
  ]);
}

function mutate(root: unknown, mutations: readonly Mutation[]): unknown {
  const box: Holder = { root: structuredClone(root) };
  for (const { kind, place, name, ...mutation } of mutations) {
    const places = placesOf(box);
    const [holder, key] = places[place % places.length]!;
    const [otherHolder, otherKey] = places[(place >> 8) % places.length]!;
    // Copies: parsed values are frozen, and no file holds one object twice.
    const value = structuredClone(kind === "swap" ? otherHolder[otherKey] : mutation.value);
    if (kind === "delete" && holder !== box) delete holder[key];
    else if (kind === "add" && holder !== box && !Array.isArray(holder))
      Object.defineProperty(holder, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else holder[key] = value;
  }
  return box["root"];
}

describe.each(TARGETS)("%s", (_name, valid, parse) => {
  test("the unchanged value parses", () => {
    expect(parse(structuredClone(valid))).toBeDefined();
  });

  test("whatever is done to it: a value, or issues", () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        expectValueOrIssues(() => parse(mutate(valid, mutations)));
      }),
      { numRuns: 400, seed: 4 },
    );
  });
});

test("whatever is done to the bytes of a file: a value, or issues", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(TARGETS[1]![1]));
  const edit = fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let edited = [...bytes];
      for (const [place, removed, inserted] of edits) {
        const at = place % (edited.length + 1);
        edited = [...edited.slice(0, at), ...inserted, ...edited.slice(at + removed)];
      }
      expectValueOrIssues(() =>
        parseWorkload(readJson(Uint8Array.from(edited), "w.json"), "w.json"),
      );
    }),
    { numRuns: 1000, seed: 5 },
  );
});

test("every importer is fuzzed", () => {
  expect(PUBLISHED).toHaveLength(modelTypes.length);
});
