import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import { KNOWN_KEYWORDS } from "../../src/input/ajv-issues.ts";
import { parseArch } from "../../src/input/parse-arch.ts";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import { schemaIssues } from "../../src/input/validate.ts";
import { editDistance, fieldHint, nearest } from "../../src/input/wording.ts";
import { ArchSchema } from "../../src/model/arch.ts";
import { formatIssue } from "../../src/model/issue.ts";
import { PlacementFileSchema } from "../../src/model/placement.ts";
import { oneOfKinds, record } from "../../src/model/schema.ts";
import { WorkloadSchema } from "../../src/model/workload.ts";
import { issuesOf, someArch, someWorkload, withValue } from "./fixtures.ts";

/** Words of JSON Schema that say something about a value, and are no annotation or container. */
const NO_ASSERTION = new Set([
  "description",
  "properties",
  "items",
  "oneOf",
  "propertyName",
  "title",
  "default",
]);

test.each([
  ["arch", ArchSchema],
  ["workload", WorkloadSchema],
  ["placement", PlacementFileSchema],
])("every keyword of the %s schema has its own wording", (_name, schema) => {
  const keywords = new Set<string>();
  const visit = (node: unknown, isSchema: boolean): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, isSchema);
      return;
    }
    for (const [key, child] of Object.entries(node)) {
      if (isSchema && !NO_ASSERTION.has(key)) keywords.add(key);
      visit(child, key !== "properties");
    }
  };
  visit(schema, true);
  for (const keyword of keywords) expect(KNOWN_KEYWORDS).toContain(keyword);
});

describe("issues of a schema", () => {
  test("all of them at once, each with its place", () => {
    const arch = someArch();
    withValue(arch, "/tiles/0/crossbar/rows", 0);
    withValue(arch, "/tiles/0/output/bits", 40);
    withValue(arch, "/memories/0/read_pJ_per_B", -1);
    withValue(arch, "/memories/0/evidence", "measurd");
    delete (arch as Record<string, unknown>)["fixed"];
    const issues = issuesOf(() => parseArch(arch, "a.json"));
    const byPointer = new Map(issues.map((issue) => [issue.pointer, issue]));
    expect([...byPointer.keys()].sort()).toEqual([
      "/fixed",
      "/memories/0/evidence",
      "/memories/0/read_pJ_per_B",
      "/tiles/0/crossbar/rows",
      "/tiles/0/output/bits",
    ]);
    expect(byPointer.get("/tiles/0/output/bits")).toEqual({
      pointer: "/tiles/0/output/bits",
      found: "40",
      allowed: "a whole number >= 1 and <= 16",
    });
    expect(byPointer.get("/memories/0/evidence")?.hint).toBe('did you mean "measured"?');
  });

  test("a wrong unit is named as such", () => {
    const arch = someArch();
    const memory = arch["memories"]![0]!;
    withValue(memory, "/latency_us", memory["latency_ns"]);
    delete (memory as Record<string, unknown>)["latency_ns"];
    const issues = issuesOf(() => parseArch(arch, "a.json"));
    const unknown = issues.find((issue) => issue.pointer === "/memories/0/latency_us");
    expect(formatIssue("a.json", unknown!)).toBe(
      "a.json#/memories/0/latency_us: found an unknown field; allowed: the fields name, kind, " +
        "capacity_B, bandwidth_GBps, latency_ns, read_pJ_per_B, write_pJ_per_B, gating, area_um2, " +
        "static_mW, source, evidence, note\n" +
        "  hint: this file carries latency_ns; convert the value and rename the field",
    );
    expect(issues.map((issue) => issue.pointer)).toContain("/memories/0/latency_ns");
  });

  test("a number that overflowed is refused, and so is NaN", () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN]) {
      const workload = withValue(someWorkload(), "/rope_theta", value);
      const [issue] = issuesOf(() => parseWorkload(workload, "w.json"));
      expect(issue?.found).toBe(String(value));
    }
  });

  test("a wrong kind yields one issue, and a missing one too", () => {
    const workload = withValue(someWorkload(), "/attention/kind", "haeds");
    expect(issuesOf(() => parseWorkload(workload, "w.json"))).toEqual([
      {
        pointer: "/attention/kind",
        found: '"haeds"',
        allowed: '"heads" or "latent"',
        hint: 'did you mean "heads"?',
      },
    ]);
    delete (workload["attention"] as Record<string, unknown>)["kind"];
    expect(issuesOf(() => parseWorkload(workload, "w.json"))).toEqual([
      { pointer: "/attention/kind", found: "nothing", allowed: '"heads" or "latent"' },
    ]);
  });

  test("a wrong field of a kind does not blame the other kinds", () => {
    const schema = oneOfKinds(
      record({ kind: Type.Literal("a"), x: Type.Number() }),
      record({ kind: Type.Literal("b"), y: Type.Number() }),
    );
    expect(schemaIssues(schema, { kind: "b", y: "1" })).toEqual([
      { pointer: "/y", found: '"1"', allowed: "a number" },
    ]);
  });

  test("a union of a value and a list of it reports the branch that was meant", () => {
    const rule = (layer: unknown) => ({
      format: "placement/1",
      name: "x",
      default: "digital",
      rules: [{ layer, target: "analog" }],
    });
    const pointers = (layer: unknown) =>
      schemaIssues(PlacementFileSchema, rule(layer)).map((issue) => issue.pointer);
    expect(pointers([0, -1, "x"])).toEqual(["/rules/0/layer/1", "/rules/0/layer/2"]);
    expect(pointers("x")).toEqual(["/rules/0/layer"]);
    expect(pointers(-1)).toEqual(["/rules/0/layer"]);
    expect(pointers([])).toEqual(["/rules/0/layer"]);
    expect(pointers([0, 1])).toEqual([]);
  });

  test("values are frozen all the way down", () => {
    const workload = parseWorkload(someWorkload(), "w.json");
    expect(Object.isFrozen(workload.moe.router)).toBe(true);
    expect(Object.isFrozen(workload.dense_layers)).toBe(true);
  });
});

describe("guesses", () => {
  test("distances by hand", () => {
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("analgo", "analog")).toBe(1);
    expect(editDistance("same", "same")).toBe(0);
  });

  test("near means at most a third of the word", () => {
    expect(nearest("colls", ["rows", "cols"])).toBe("cols");
    expect(nearest("banana", ["rows", "cols"])).toBeUndefined();
  });

  test("compound and missing units", () => {
    expect(fieldHint("read_nJ_per_B", ["read_pJ_per_B"])).toMatch(/carries read_pJ_per_B/);
    expect(fieldHint("latency", ["latency_ns"])).toMatch(/carries latency_ns/);
    expect(fieldHint("read_pj", ["read_pJ", "write_pJ"])).toMatch(/carries read_pJ/);
    expect(fieldHint("rowz", ["rows"])).toBe("did you mean rows?");
    expect(fieldHint("colour", ["rows"])).toBeUndefined();
  });
});
