/** Wrong files are errors with exit code 2; designs that cannot run are results that say why. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { emptyFolder, type Outcome, ohmoe, ROOT } from "./ohmoe.ts";

type Fields = Record<string, unknown>;
const chip: Fields = JSON.parse(readFileSync(join(ROOT, "arch", "hetero-pcm.json"), "utf8"));

/** A run of the small model's shape on a changed chip, in a folder of its own. */
function run(
  change: Fields,
  more: readonly string[] = [],
  placement = "dense-digital",
): Outcome & { readonly folder: string } {
  const folder = emptyFolder();
  writeFileSync(join(folder, "chip.json"), JSON.stringify({ ...chip, ...change }));
  const command = ["run", "--arch", "chip.json", "--workload", "tiny-olmoe.json"];
  const workload = readFileSync(join(ROOT, "workloads", "tiny-olmoe.json"), "utf8");
  writeFileSync(join(folder, "tiny-olmoe.json"), workload);
  writeFileSync(join(folder, "trace.jsonl"), TRACE);
  writeFileSync(join(folder, "other.jsonl"), TRACE.split("\n").slice(0, 4).join("\n"));
  const sizes = ["--prefill_tokens", "2", "--decode_tokens", "1", "--out", "r.json"];
  return {
    ...ohmoe([...command, "--placement", placement, ...sizes, ...more], folder),
    folder,
  };
}

/** Token 1 of layer 2 goes to an expert that no model of this size has. */
const TRACE = Array.from({ length: 12 }, (_, i) => {
  const [layer, token] = [Math.floor(i / 2), i % 2];
  const experts =
    layer === 2 && token === 1 ? [0, 1, 2, 3, 4, 5, 6, 999] : [0, 1, 2, 3, 4, 5, 6, 7];
  return JSON.stringify({ layer, token, experts: experts.slice(-activeExperts()) });
}).join("\n");

function activeExperts(): number {
  const { moe } = JSON.parse(readFileSync(join(ROOT, "workloads", "tiny-olmoe.json"), "utf8"));
  return moe.active_experts;
}

const mesh = (more: Fields): Fields => ({
  interconnect: { ...(chip["interconnect"] as Fields), ...more },
});

describe("designs that cannot run are results with the reason", () => {
  const onlyVector = (chip["cores"] as Fields[]).filter(({ kind }) => kind === "vector");
  test.each([
    ["no digital core at all", { cores: [] }, /lacks a digital core for matrix products/],
    ["no core for matrix products", { cores: onlyVector }, /lacks a digital core for matrix/],
    [
      "a network that dead links cut in two",
      mesh({
        dead_links: [
          [0, 1],
          [0, 8],
        ],
        routing: "table",
      }),
      /dead links cut the network.*node 0/,
    ],
    ["no analog tile", { tiles: [] }, /no analog tile/],
  ])("%s", (_, change, reason) => {
    const { code, folder, stderr } = run(change);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(0);
    const text = readFileSync(join(folder, "r.json"), "utf8");
    expect(text).not.toMatch(/Infinity|NaN/);
    const [row] = (JSON.parse(text) as Report).rows;
    expect(row).toMatchObject({ feasible: false, decode_latency_ns: null });
    expect(row!.infeasible_reason).toMatch(reason);
  });
});

describe("wrong files are errors, and no report is written", () => {
  test.each([
    ["zero bandwidth of links", mesh({ link_GBps: 0 }), [], "#/interconnect/link_GBps: found 0"],
    [
      "zero bandwidth of a memory",
      { memories: (chip["memories"] as Fields[]).map((m) => ({ ...m, bandwidth_GBps: 0 })) },
      [],
      "#/memories/0/bandwidth_GBps: found 0",
    ],
    ["an expert that the model lacks", {}, ["--routing", "trace.jsonl"], "trace.jsonl#/2/1: found"],
    ["a trace for another model", {}, ["--routing", "other.jsonl"], "other.jsonl: found 2 layers"],
    ["bursts shorter than a token", {}, ["--routing", "bursts:0.5"], "--routing"],
    ["a capacity of nothing", {}, ["--capacity_factor", "0"], "--capacity_factor"],
    ["an unknown assignment", {}, ["--assignment", "best"], "co-activation"],
    ["a fraction of a tile for copies", {}, ["--replicas", "1.5"], "--replicas"],
  ] as const)("%s", (_, change, more, says) => {
    const { code, folder, stderr } = run(change as Fields, more);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
    expect(() => readFileSync(join(folder, "r.json"))).toThrow();
  });

  test("copies of experts that there are not, or named twice", () => {
    const folder = emptyFolder();
    const placement = {
      format: "placement/1",
      name: "copies",
      default: "analog",
      rules: [],
      assignment: "co-activation",
      replicas: [
        { layer: 99, expert: 0, copies: 1 },
        { layer: 0, expert: 0, copies: 1 },
        { layer: 0, expert: 0, copies: 2 },
      ],
    };
    writeFileSync(join(folder, "p.json"), JSON.stringify(placement));
    const { code, stderr } = ohmoe(
      ["run", "--workload", "olmoe-1b-7b", "--placement", "p.json"],
      folder,
    );
    expect(code).toBe(2);
    expect(stderr).toContain("p.json#/replicas/0/layer: found 99");
    expect(stderr).toContain("p.json#/replicas/2: found layer 0, expert 0 a second time");
  });
});
