import { describe, expect, test } from "vitest";
import { parseNetwork } from "../../src/input/parse-network.ts";
import { parseNetworkPlacement } from "../../src/input/parse-network-placement.ts";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import { InputError } from "../../src/model/issue.ts";
import { loadNetwork } from "../evaluate/load.ts";
import { conv } from "./fixtures.ts";

const VALID = {
  format: "network/1",
  name: "n",
  source: "test",
  unit: "image",
  stream: false,
  input: { rows: 8, cols: 8, features: 4 },
  layers: [conv("first", 3, 4), { name: "sum", kind: "add", with: "input" }],
};
const stream = { ...VALID, stream: true, input: { rows: 1, cols: 1, features: 4 } };
const lstm = { name: "state", kind: "lstm", features: 8 };

/** Pointers of what is wrong. */
function pointers(value: unknown, parse: (v: unknown, file: string) => unknown = parseNetwork) {
  try {
    parse(value, "n.json");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.issues.map(({ pointer }) => pointer);
  }
  return [];
}

test("a valid network and a valid stream parse, frozen", () => {
  expect(pointers(VALID)).toEqual([]);
  expect(pointers({ ...stream, layers: [lstm] })).toEqual([]);
  expect(Object.isFrozen(parseNetwork(structuredClone(VALID), "n.json").layers[0])).toBe(true);
});

test.each([
  ["an unknown kind", [{ name: "x", kind: "convolution" }], ["/layers/0/kind"]],
  ["a field of another kind", [{ ...lstm, kernel_rows: 3 }], ["/layers/0/kernel_rows"]],
  ["a name twice", [conv("x", 3, 4), conv("x", 3, 4)], ["/layers/1/name"]],
  ["a later layer", [{ ...conv("x", 3, 4), from: "y" }, conv("y", 3, 4)], ["/layers/0/from"]],
  ["a sum with itself", [{ name: "x", kind: "add", with: "x" }], ["/layers/0/with"]],
  [
    "unlike shapes",
    [conv("x", 3, 5), { name: "s", kind: "add", with: "input" }],
    ["/layers/1/with"],
  ],
  ["a window too large", [conv("x", 9, 4, { padding_rows: 0 })], ["/layers/0"]],
  ["heads that do not divide", [{ name: "a", kind: "attention", heads: 3 }], ["/layers/0/heads"]],
  ["no weights", [{ name: "r", kind: "elementwise", fn: "relu" }], ["/layers"]],
  ["no layers", [], ["/layers"]],
])("%s is an issue at its place", (_, layers, expected) => {
  expect(pointers({ ...VALID, layers })).toEqual(expected);
});

test("a stream is one position at a time", () => {
  expect(pointers({ ...VALID, stream: true })).toEqual(["/input", "/layers/0/kind"]);
});

test("a decoder's parser says what a network is for, once", () => {
  expect(pointers(VALID, parseWorkload)).toEqual(["/format"]);
  expect(() => parseWorkload(VALID, "n.json")).toThrow(/ohmoe run/);
});

describe("placements", () => {
  const network = loadNetwork("cnn-digits");
  const file = (rules: readonly unknown[], more = {}) => ({
    ...{ format: "placement/1", name: "p", default: "analog", rules },
    ...more,
  });
  const parse = (value: unknown, name: string) => parseNetworkPlacement(value, name, network);

  test("rules name matrices by module and layer", () => {
    const { targets } = parseNetworkPlacement(
      file([
        { module: "linear", target: "digital" },
        { module: "conv", layer: 0, target: "digital" },
      ]),
      "p.json",
      network,
    );
    expect(targets.map((target) => target === "digital")).toEqual(
      targets.map((_, i) => i === 0 || i === targets.length - 1),
    );
  });

  test.each([
    ["an expert", file([{ expert: 0, target: "digital" }]), ["/rules/0/expert"]],
    ["a layer that is none", file([{ layer: 99, target: "digital" }]), ["/rules/0/layer"]],
    ["a module it lacks", file([{ module: "lstm", target: "digital" }]), ["/rules/0"]],
    [
      "copies of experts",
      file([], { replicas: [{ layer: 0, expert: 0, copies: 1 }] }),
      ["/replicas"],
    ],
    ["an assignment", file([], { assignment: "co-activation" }), ["/assignment"]],
  ])("%s is an issue", (_, value, expected) => {
    expect(pointers(value, parse)).toEqual(expected);
  });
});
