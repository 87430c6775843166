import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { renderJson } from "../../src/report/formats/json.ts";
import { renderTerminal } from "../../src/report/terminal.ts";
import { HOSTILE, sampleReport } from "../report/sample.ts";
import { sampleExploration } from "../report/sample-exploration.ts";
import { emptyFolder, ohmoe } from "./ohmoe.ts";

const folder = emptyFolder();
const report = sampleReport();
beforeAll(() => {
  writeFileSync(join(folder, "r.json"), renderJson(report));
  writeFileSync(join(folder, "hostile.json"), renderJson(sampleReport(HOSTILE)));
  writeFileSync(join(folder, "e.json"), JSON.stringify(sampleExploration(50)));
});
const bytes = (name: string): Buffer => readFileSync(join(folder, name));

describe("ohmoe report", () => {
  test("renders a saved report in every format, and prints its table without escapes", () => {
    const names = ["o.json", "o.csv", "o.md", "o.html", "o.tex", "o.svg", "o.png", "fig/"];
    const { code, stdout, stderr } = ohmoe(
      ["report", "r.json", ...names.flatMap((n) => ["--out", n])],
      folder,
    );
    expect(stderr).toContain("wrote o.html");
    expect(code).toBe(0);
    expect(stdout).toBe(renderTerminal(report));
    expect(bytes("o.json").toString()).toBe(renderJson(report));
    expect(bytes("o.png").subarray(1, 4).toString()).toBe("PNG");
    expect(bytes("o.tex").toString()).toContain("\\toprule");
    expect(readdirSync(join(folder, "fig"))).toContain("energy.svg");
  });

  test("hostile names leave the folder alone", () => {
    expect(ohmoe(["report", "hostile.json", "--out", "h/", "--quiet"], folder).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(expect.arrayContaining(["h", "hostile.json"]));
    for (const name of readdirSync(join(folder, "h"))) expect(name).toMatch(/^[\w-]+\.svg$/);
  });

  test("explorations become pages", () => {
    expect(ohmoe(["report", "e.json", "--out", "e.html"], folder).code).toBe(0);
    expect(bytes("e.html").toString()).toContain("exploration-live");
  });

  test.each([
    [["r.json", "--out", "x.trace.json"], "a report has no ops"],
    [["r.json", "--out", "x.pdf"], ".html"],
    [["r.json", "--only", "speed"], "energy, area, latency, accuracy"],
    [["e.json", "--out", "e.csv"], ".html"],
    [["e.json"], ".html"],
  ])("%j: exit code 2", (args, message) => {
    const { code, stderr } = ohmoe(["report", ...args], folder);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, "x.trace.json"))).toBe(false);
  });

  test("--only area stands alone", () => {
    const { stdout } = ohmoe(["report", "r.json", "--only", "area"], folder);
    expect(stdout).toContain("Occupied mm2");
    expect(stdout).toContain("One pcm-tile");
    expect(stdout).not.toContain("Perplexity");
  });
});

test("ohmoe explain answers in ten lines", () => {
  const { code, stdout } = ohmoe(["explain", "r.json"], folder);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toHaveLength(10);
});

test("a run writes its timeline, plain and gzipped, alike", () => {
  const run = [
    "run",
    "--workload",
    "tiny-olmoe",
    "--placement",
    "all-analog",
    "--prefill_tokens",
    "2",
    "--decode_tokens",
    "1",
  ];
  const { code } = ohmoe(
    [...run, "--out", "t.trace.json", "--out", "t.trace.json.gz", "--quiet"],
    folder,
  );
  expect(code).toBe(0);
  const text = bytes("t.trace.json").toString();
  expect(gunzipSync(bytes("t.trace.json.gz")).toString()).toBe(text);
  expect((JSON.parse(text) as { traceEvents: unknown[] }).traceEvents.length).toBeGreaterThan(1000);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("timelines need a simulation", () => {
  const { code, stderr } = ohmoe(
    [
      "run",
      "--workload",
      "tiny-olmoe",
      "--placement",
      "all-digital",
      "--level",
      "table",
      "--out",
      "t2.trace.json",
    ],
    folder,
  );
  expect(code).toBe(2);
  expect(stderr).toContain("--level simulate");
});
