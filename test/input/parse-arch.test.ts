import { describe, expect, test } from "vitest";
import { type LoadBase, resolveExtends } from "../../src/input/extend.ts";
import { parseArch } from "../../src/input/parse-arch.ts";
import { issuesOf, type Json, someArch, withValue } from "./fixtures.ts";

const pointersOf = (arch: Json): string[] =>
  issuesOf(() => parseArch(arch, "a.json")).map((issue) => issue.pointer);
const issueOf = (arch: Json) => issuesOf(() => parseArch(arch, "a.json"))[0];

test("the default chip passes", () => {
  expect(pointersOf(someArch())).toEqual([]);
});

describe("checks across fields", () => {
  test("the mesh has room for all tiles, to the tile", () => {
    const mesh = { cols: 3, rows: 2, tiles_per_node: 4, hub_nodes: [0] };
    const withTiles = (count: number): Json => {
      const arch = withValue(someArch(), "/tiles/0/count", count);
      for (const [field, value] of Object.entries(mesh))
        withValue(arch, `/interconnect/${field}`, value);
      return arch;
    };
    expect(pointersOf(withTiles(20))).toEqual([]);
    const issue = issueOf(withTiles(21));
    expect(issue?.pointer).toBe("/interconnect");
    expect(issue?.found).toBe("room for 20 tiles: (3 x 2 nodes - 1 hubs) x 4");
    expect(issue?.allowed).toBe("room for the 21 tiles of this chip");
  });

  test("hubs lie on the mesh", () => {
    const arch = someArch();
    const { cols, rows } = arch["interconnect"] as unknown as { cols: number; rows: number };
    withValue(arch, "/interconnect/hub_nodes", [0, cols * rows]);
    expect(pointersOf(arch)).toEqual(["/interconnect/hub_nodes/1"]);
  });

  test.each([
    ["pulse-width", 8, 8, true],
    ["pulse-width", 8, 4, false],
    ["amplitude", 8, 1, false],
    ["bit-serial", 16, 1, true],
    ["bit-serial", 8, 2, true],
    ["bit-serial", 8, 3, false],
    ["bit-serial", 8, 16, false],
  ])("%s input of %i bits, %i a phase: %s", (encoding, bits, bits_per_phase, fine) => {
    const arch = withValue(someArch(), "/tiles/0/input", { encoding, bits, bits_per_phase });
    expect(pointersOf(arch)).toEqual(fine ? [] : ["/tiles/0/input/bits_per_phase"]);
  });

  test("slices divide the columns, and an ADC serves no more than there are", () => {
    const crossbar = (change: object) => {
      const arch = someArch();
      const old = arch["tiles"]![0]!["crossbar"]!;
      return withValue(arch, "/tiles/0/crossbar", { ...old, ...change });
    };
    expect(pointersOf(crossbar({ cols: 512, slices: 3 }))).toEqual(["/tiles/0/crossbar/slices"]);
    expect(pointersOf(crossbar({ cell_bits: 16, slices: 4 }))).toEqual([
      "/tiles/0/crossbar/cell_bits",
    ]);
    const shared = withValue(crossbar({ cols: 512 }), "/tiles/0/output/columns_per_adc", 513);
    expect(pointersOf(shared)).toEqual(["/tiles/0/output/columns_per_adc"]);
  });

  test("a survey ADC has no more effective bits than bits, nor fewer than 4", () => {
    const adc = (effective_bits: number): Json => {
      const arch = withValue(someArch(), "/tiles/0/output/bits", 8);
      const energy = { kind: "survey", effective_bits, energy_factor: 1 };
      return withValue(arch, "/tiles/0/cost/adc/energy", energy);
    };
    const pointer = "/tiles/0/cost/adc/energy/effective_bits";
    expect(pointersOf(adc(7.5))).toEqual([]);
    expect(pointersOf(adc(8.5))).toEqual([pointer]);
    expect(pointersOf(adc(3))).toEqual([pointer]);
  });

  test("dead links join neighbours, and xy cannot go around them", () => {
    const mesh = (fields: object) =>
      withValue(someArch(), "/interconnect", {
        ...someArch()["interconnect"],
        ...{ kind: "mesh", cols: 64, rows: 64, hub_nodes: [0], ...fields },
      });
    expect(
      pointersOf(
        mesh({
          dead_links: [
            [0, 1],
            [64, 0],
          ],
        }),
      ),
    ).toEqual([]);
    expect(
      issueOf(
        mesh({
          dead_links: [
            [0, 1],
            [0, 65],
          ],
        }),
      ),
    ).toEqual({
      pointer: "/interconnect/dead_links/1",
      found: "routers 0 and 65, which no link joins",
      allowed: "two neighbours among routers 0 to 4095",
    });
    expect(pointersOf(mesh({ dead_links: [[63, 64]] }))).toEqual(["/interconnect/dead_links/0"]);
    expect(pointersOf(mesh({ dead_links: [[4095, 4096]] }))).toEqual([
      "/interconnect/dead_links/0",
    ]);
    expect(pointersOf(mesh({ dead_links: [[0, 1]], routing: "xy" }))).toEqual([
      "/interconnect/routing",
    ]);
  });

  test("flits need whole cycles, and neither sums nor detours", () => {
    const sourced = { source: "made up", evidence: "assumed" };
    const flits = { clock_GHz: 1, virtual_channels: 4, buffer_flits: 8, ...sourced };
    const mesh = (fields: object) =>
      withValue(someArch(), "/interconnect", {
        ...someArch()["interconnect"],
        ...{ kind: "mesh", cols: 64, rows: 64, hub_nodes: [0], hop_ns: 5, flits, ...fields },
      });
    expect(pointersOf(mesh({}))).toEqual([]);
    expect(pointersOf(mesh({ hop_ns: 5.5 }))).toEqual(["/interconnect/hop_ns"]);
    expect(pointersOf(mesh({ reduction: { add_pJ: 1, ...sourced } }))).toEqual([
      "/interconnect/reduction",
    ]);
    expect(pointersOf(mesh({ dead_links: [[0, 1]] }))).toEqual(["/interconnect/dead_links"]);
    expect(pointersOf(mesh({ kind: "torus" }))).toEqual(["/interconnect/flits"]);
  });

  test("a link of no bandwidth is refused", () => {
    expect(pointersOf(withValue(someArch(), "/interconnect/link_GBps", 0))).toEqual([
      "/interconnect/link_GBps",
    ]);
  });

  test("a chip that cannot run a model is a valid chip; its evaluation says so", () => {
    const arch = someArch();
    const cores = arch["cores"] as unknown as { kind: string }[];
    const vector = cores.filter((core) => core.kind === "vector");
    expect(vector).not.toHaveLength(0);
    expect(pointersOf(withValue(arch, "/cores", vector))).toEqual([]);
  });

  test("memories that are named exist", () => {
    const arch = withValue(someArch(), "/weight_memory", "nowhere");
    withValue(arch, "/kv_memories", ["nowhere", "nowhere"]);
    expect(pointersOf(arch)).toEqual([
      "/weight_memory",
      "/kv_memories/0",
      "/kv_memories/1",
      "/kv_memories/1",
    ]);
  });

  test("names differ", () => {
    const arch = someArch();
    const tile = arch["tiles"]![0]!;
    withValue(arch, "/tiles", [withValue(tile, "/count", 1), tile]);
    expect(issueOf(arch)).toEqual({
      pointer: "/tiles/1/name",
      found: `${JSON.stringify(tile["name"])}, the name of /tiles/0 too`,
      allowed: "names that differ",
    });
  });

  test("clock periods are whole picoseconds, with the nearest that is", () => {
    const at = (clock_GHz: number) => withValue(someArch(), "/cores/0/clock_GHz", clock_GHz);
    for (const fine of [1, 2, 0.8, 1.25, 1000 / 709, 1.20048019])
      expect(pointersOf(at(fine))).toEqual([]);
    expect(issueOf(at(1.2))).toEqual({
      pointer: "/cores/0/clock_GHz",
      found: "1.2, a period of 833.333 ps",
      allowed: "a clock whose period is a whole number of picoseconds",
      hint: "the nearest is 1.20048019 (833 ps)",
    });
  });
});

describe("extends", () => {
  const files: Record<string, unknown> = { "dir/base.json": someArch() };
  const load: LoadBase = (path) => ({ file: `dir/${path}`, value: files[`dir/${path}`] });
  const parse = (value: unknown) => parseArch(value, "dir/own.json", load);

  test("merges objects, replaces arrays, and leaves the base alone", () => {
    const own = {
      extends: "base.json",
      name: "changed",
      interconnect: { link_GBps: 77 },
      kv_memories: [someArch()["memories"]![0]!["name"]],
    };
    const before = structuredClone(files["dir/base.json"]);
    const arch = parse(own);
    const base = parseArch(someArch(), "base.json");
    expect(arch).toEqual({
      ...base,
      name: "changed",
      interconnect: { ...base.interconnect, link_GBps: 77 },
      kv_memories: own.kv_memories,
    });
    expect(files["dir/base.json"]).toEqual(before);
  });

  test("an object of another kind replaces its counterpart, whose fields are not its own", () => {
    const base = {
      adc: { kind: "walden", walden_fJ: 3 },
      grid: { kind: "mesh", rows: 2, cols: 2 },
    };
    const value = { extends: "b.json", adc: { kind: "constant" }, grid: { kind: "mesh", rows: 4 } };
    const loaded = resolveExtends({ file: "a.json", value }, () => ({
      file: "b.json",
      value: base,
    }));
    expect(loaded.value).toEqual({
      adc: { kind: "constant" },
      grid: { kind: "mesh", rows: 4, cols: 2 },
    });
  });

  test("issues name both files", () => {
    expect(() => parse({ extends: "base.json", technology_nm: -1 })).toThrow(
      /^dir\/own\.json \(on dir\/base\.json\)#\/technology_nm: found -1/,
    );
  });

  test.each([
    ["a chain", { extends: "chain.json" }, /extends "base.json" in turn/],
    ["a file that extends itself", { extends: "own.json" }, /this very file/],
    ["a path that is none", { extends: 3 }, /^3$/],
    ["a base that is no object", { extends: "list.json" }, /no object/],
  ])("%s is refused", (_what, own, found) => {
    files["dir/chain.json"] = { extends: "base.json" };
    files["dir/list.json"] = [];
    const issues = issuesOf(() => parse(own));
    expect(issues).toHaveLength(1);
    expect(issues[0]?.pointer).toBe("/extends");
    expect(issues[0]?.found).toMatch(found);
  });

  test("without a way to load the base it is refused", () => {
    const issues = issuesOf(() => parseArch({ extends: "base.json" }, "a.json"));
    expect(issues[0]?.pointer).toBe("/extends");
  });
});
