import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseReport } from "../../src/input/parse-report.ts";
import { emptyFolder, ohmoe, ROOT } from "./ohmoe.ts";

const CNN = ["--workload", "cnn-digits", "--decode_tokens", "1"];
const ALL_ANALOG = ["--placement", "all-analog"];

test("a network in every format, with why it takes so long", () => {
  const folder = emptyFolder();
  const out = ["json", "csv", "md", "html", "tex", "svg", "trace.json"].map(
    (e) => `${folder}/x.${e}`,
  );
  const { code, stdout, stderr } = ohmoe([
    "run",
    ...CNN,
    ...ALL_ANALOG,
    "--explain",
    ...out.flatMap((file) => ["--out", file]),
  ]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("image");
  expect(stdout).toContain("a token of this report is one image");
  expect(stdout).toContain("critical path of all-analog");
  const report = parseReport(JSON.parse(readFileSync(`${folder}/x.json`, "utf8")), "x.json");
  const [row] = report.rows;
  expect(report.options).toMatchObject({ unit: "image", prefill_tokens: 0, decode_tokens: 1 });
  expect(row).toMatchObject({ prefill_latency_ns: null, prefill_energy_pJ: null, nll_nats: null });
  const decode = report.breakdown.filter(({ phase }) => phase === "decode");
  const sum_pJ = decode.reduce((sum, { energy_pJ }) => sum + energy_pJ!, 0);
  expect(sum_pJ / row!.energy_pJ_per_token!).toBeCloseTo(1, 10);
  expect(readFileSync(`${folder}/x.md`, "utf8")).toContain("Energy/image");
  expect(
    JSON.parse(readFileSync(`${folder}/x.trace.json`, "utf8")).traceEvents.length,
  ).toBeGreaterThan(1000);
  // What was saved is rendered again, and explained, like any other.
  expect(ohmoe(["report", `${folder}/x.json`]).stdout).toContain("Energy/");
  expect(ohmoe(["explain", `${folder}/x.json`]).code).toBe(0);
});

test("several placements and levels side by side, a file among them; copies of busy layers", () => {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "first-and-last.json");
  writeFileSync(
    file,
    JSON.stringify({
      ...{ format: "placement/1", name: "p", default: "analog" },
      rules: [
        { module: "linear", target: "digital" },
        { module: "conv", layer: 0, target: "digital" },
      ],
    }),
  );
  const placements = [...ALL_ANALOG, "--placement", "all-digital", "--placement", file];
  const { code, stdout } = ohmoe([
    ...["compare", ...CNN, ...placements, "--level", "table", "--replicas", "1"],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain("3 placements");
  expect(stdout).toContain("64 copies of analog weights");
});

test("a stream has a prompt", () => {
  const { code, stdout } = ohmoe([
    ...["run", "--workload", "lstm-characters", ...ALL_ANALOG],
    ...["--prefill_tokens", "4", "--decode_tokens", "2"],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain("Prefill");
  expect(stdout).toContain("character");
});

test.each([
  [["run", ...CNN, "--placement", "max-neuron-norm:0.25"], "all-digital, all-analog"],
  [["run", ...CNN, ...ALL_ANALOG, "--checkpoint", "tiny-olmoe"], "--checkpoint"],
  [["run", ...CNN, ...ALL_ANALOG, "--assignment", "co-activation"], "--assignment"],
  [["run", ...CNN, ...ALL_ANALOG, "--capacity_factor", "1"], "--capacity_factor"],
  [["accuracy", "--workload", "cnn-digits", ...ALL_ANALOG], "ohmoe run"],
  [["run", "--workload", "cnn-digit", ...ALL_ANALOG], "did you mean cnn-digits?"],
])("%j: exit code 2, and what is allowed", (args, message) => {
  const { code, stderr } = ohmoe(args);
  expect(code, stderr).toBe(2);
  expect(stderr).toContain(message);
});

test("shipped networks are valid, and a broken one says where", () => {
  const path = join(ROOT, "workloads", "encoder-digits.json");
  expect(ohmoe(["validate", path])).toMatchObject({ code: 0 });
  const broken = JSON.parse(readFileSync(path, "utf8"));
  broken.layers[3].heads = 5;
  const file = join(emptyFolder(), "broken.json");
  writeFileSync(file, JSON.stringify(broken));
  const { code, stderr } = ohmoe(["validate", file]);
  expect(code).toBe(2);
  expect(stderr).toContain("#/layers/3/heads: found 5 heads for 64 features");
});
