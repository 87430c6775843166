import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyFolder, ohmoe, ROOT } from "./ohmoe.ts";

const shipped = (path: string): string => join(ROOT, path);

test("import writes the shipped workload, named after the folder of its config.json", () => {
  const { code, stdout } = ohmoe(["import", shipped("workloads/tiny-olmoe/config.json")]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    JSON.parse(readFileSync(shipped("workloads/tiny-olmoe.json"), "utf8")),
  );
});

test("import names a config of another name after itself", () => {
  const { stdout } = ohmoe(["import", shipped("test/workloads/configs/mixtral-8x7b.json")]);
  expect(JSON.parse(stdout).name).toBe("mixtral-8x7b");
});

test("an unknown model_type is refused with the ten that are known", () => {
  const { code, stderr } = ohmoe(["import", shipped("arch/hetero-pcm.json")]);
  expect(code).toBe(2);
  for (const family of ["olmoe", "deepseek_v3", "gpt_oss", "granitemoe"])
    expect(stderr).toContain(family);
});

test("scores of a checkpoint, saved and handed to compare, place as the checkpoint does", () => {
  const folder = emptyFolder();
  const score = ohmoe(["score", "--checkpoint", "tiny-olmoe", "--out", "scores.json"], folder);
  expect(score).toMatchObject({ code: 0, stderr: "" });
  expect(score.stdout).toContain("max-neuron-norm");
  const run = (...model: readonly string[]) => {
    const out = `${model.length}.json`;
    const cost = ["--prefill_tokens", "1", "--decode_tokens", "1", "--level", "table"];
    const placement = ["--placement", "max-neuron-norm:0.25"];
    expect(
      ohmoe(
        [
          "run",
          ...model,
          ...placement,
          ...cost,
          "--text_tokens",
          "256",
          "--seeds",
          "1",
          "--out",
          out,
          "--quiet",
        ],
        folder,
      ),
    ).toMatchObject({ code: 0, stdout: "" });
    return JSON.parse(readFileSync(join(folder, out), "utf8")).inputs.placements[0].value;
  };
  const fromFile = run(
    "--workload",
    shipped("workloads/tiny-olmoe.json"),
    "--scores",
    "scores.json",
  );
  expect(fromFile).toEqual(run("--checkpoint", "tiny-olmoe"));
});

test("scores of another model are refused", () => {
  const folder = emptyFolder();
  ohmoe(
    ["score", "--checkpoint", "tiny-olmoe", "--metric", "router-norm", "--out", "scores.json"],
    folder,
  );
  const { code, stderr } = ohmoe(
    [
      "run",
      "--workload",
      "olmoe-1b-7b",
      "--placement",
      "router-norm:0.25",
      "--scores",
      "scores.json",
    ],
    folder,
  );
  expect(code).toBe(2);
  expect(stderr).toContain("scores.json#/scores/router-norm: found 6 layers; allowed: 16 layers");
});

test("a recorded routing trace replays; that of another model is refused", () => {
  const folder = emptyFolder();
  const text = ["--text_tokens", "256", "--seeds", "1"];
  const record = ohmoe(
    [
      "accuracy",
      "--checkpoint",
      "tiny-olmoe",
      "--placement",
      "all-digital",
      ...text,
      "--record-routing",
      "t.jsonl",
    ],
    folder,
  );
  expect(record.code).toBe(0);
  const replay = (workload: string) =>
    ohmoe(
      ["run", "--workload", workload, "--placement", "all-analog", "--routing", "t.jsonl"],
      folder,
    );
  expect(replay(shipped("workloads/tiny-olmoe.json")).code).toBe(0);
  expect(replay("olmoe-1b-7b")).toMatchObject({ code: 2, stdout: "" });
});

test("minimal pairs fill the accuracy of a report", () => {
  const folder = emptyFolder();
  const run = ohmoe(
    [
      ...[
        "accuracy",
        "--checkpoint",
        "tiny-olmoe",
        "--placement",
        "all-digital",
        "--text_tokens",
        "256",
      ],
      ...["--pairs", shipped("test/golden/models/pairs.jsonl"), "--out", "r.json"],
    ],
    folder,
  );
  expect(run.stderr).toBe("wrote r.json\n");
  const [row] = JSON.parse(readFileSync(join(folder, "r.json"), "utf8")).rows;
  expect(row.accuracy_frac).toBe(1);
});
