import { expect, test } from "vitest";
import { ohmoe } from "./ohmoe.ts";

test("help fits 80 columns and names every command of the contract that exists", () => {
  const { code, stdout } = ohmoe(["--help"]);
  expect(code).toBe(0);
  for (const command of [
    "compare",
    "run",
    "accuracy",
    "score",
    "import",
    "validate",
    "report",
    "list",
  ])
    expect(stdout).toContain(`ohmoe ${command}`);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("the overview is laid out as yargs lays it out", () => {
  expect(ohmoe(["--help"]).stdout).toBe(ohmoe(["--help", "--help"]).stdout);
  expect(ohmoe(["-h"]).stdout).toBe(ohmoe(["--help"]).stdout);
});

test.each([
  [[], "nothing"],
  [["comparee"], "Did you mean compare?"],
  [["compare", "--placment", "all-digital"], "placment"],
  [["compare", "--workload", "olmoe-1b-7b"], "--placement P1"],
  [["compare", "--placement", "all-digital"], "--workload, --checkpoint, or both"],
  [
    ["compare", "--workload", "olmo-1b-7b", "--placement", "all-digital"],
    "did you mean olmoe-1b-7b?",
  ],
  [
    ["compare", "--arch", "hetero-pmc", "--workload", "olmoe-1b-7b", "--placement", "all-digital"],
    "did you mean hetero-pcm?",
  ],
  [
    ["compare", "--workload", "olmoe-1b-7b", "--placement", "max-neuron-nrm:0.1"],
    "did you mean max-neuron-norm?",
  ],
  [["compare", "--workload", "olmoe-1b-7b", "--placement", "random:25"], "25 % is random:0.25"],
  [["compare", "--workload", "olmoe-1b-7b", "--placement", "random"], "random:FRACTION"],
  [
    ["compare", "--workload", "olmoe-1b-7b", "--placement", "all-analog:0.5"],
    "all-analog without a fraction",
  ],
  [
    ["compare", "--workload", "olmoe-1b-7b", "--placement", "max-neuron-norm:0.25"],
    "--scores FILE",
  ],
  [
    [
      "compare",
      "--workload",
      "olmoe-1b-7b",
      "--placement",
      "random:0.5",
      "--placement",
      "random:0.5",
    ],
    "there twice",
  ],
  [
    ["compare", "--workload", "olmoe-1b-7b", "--placement", "random:0.5", "--out", "x.docx"],
    ".json, .csv, .md",
  ],
  [
    ["run", "--workload", "olmoe-1b-7b", "--placement", "all-digital", "--placement", "all-analog"],
    "allowed: one",
  ],
  [
    [
      "run",
      "--workload",
      "olmoe-1b-7b",
      "--placement",
      "all-digital",
      "--level",
      "table",
      "--explain",
    ],
    "only with --level simulate",
  ],
  [["list", "strategy"], "strategies"],
  [["score", "--checkpoint", "nowhere"], "tiny-olmoe"],
])("%j is refused with exit code 2 and a hint", (args, hint) => {
  const { code, stdout, stderr } = ohmoe(args);
  expect(stderr).toContain(hint);
  expect(stderr).not.toContain("    at ");
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("all wrong options are said at once", () => {
  const { code, stderr } = ohmoe([
    ...["compare", "--workload", "olmoe-1b-7b", "--placement", "all-digital"],
    ...["--batch", "0", "--seeds", "many", "--level", "exact", "--routing", "zipf:-1"],
  ]);
  expect(code).toBe(2);
  for (const option of ["--batch", "--seeds", "--level", "--routing"])
    expect(stderr).toContain(option);
});

test("list names what there is", () => {
  const { code, stdout } = ohmoe(["list"]);
  expect(code).toBe(0);
  for (const name of [
    "max-neuron-norm",
    "hetero-pcm",
    "deepseek-v3",
    "mesh",
    "markdown",
    "wasm",
    "pcm",
  ])
    expect(stdout).toContain(name);
});
