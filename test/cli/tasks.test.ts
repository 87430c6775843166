import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { emptyFolder, ohmoe } from "./ohmoe.ts";

const SMALL_TEXT = ["--text_tokens", "256", "--seeds", "2", "--quiet"];
const accuracyOf = (more: readonly string[], folder = emptyFolder()) => {
  const args = [
    "accuracy",
    "--checkpoint",
    "tiny-olmoe",
    ...SMALL_TEXT,
    "--out",
    "r.json",
    ...more,
  ];
  const outcome = ohmoe(args, folder);
  return {
    ...outcome,
    read: (): Report => JSON.parse(readFileSync(join(folder, "r.json"), "utf8")),
  };
};

describe("multiple choice", () => {
  const folder = emptyFolder();
  const lines = [
    { context: "The boys were in the", choices: ["garden.", "gardened were."], label: 0 },
    { context: "She looked at", choices: ["the old man.", "he the old of."], label: 0 },
    { context: "They went down to the", choices: ["of and of.", "river."], label: 1 },
  ];
  writeFileSync(
    join(folder, "choices.jsonl"),
    lines.map((line) => JSON.stringify(line)).join("\n"),
  );

  test("gives accuracy_frac with a standard error over seeds", () => {
    const { code, read } = accuracyOf(
      ["--choices", "choices.jsonl", "--placement", "all-digital", "--placement", "dense-digital"],
      folder,
    );
    expect(code).toBe(0);
    const [digital, analog] = read().rows;
    expect(digital).toMatchObject({ accuracy_frac: 1, accuracy_sem: null });
    expect(analog!.accuracy_sem).not.toBeNull();
  });

  test("bad lines, norms and both tasks at once are said", () => {
    writeFileSync(join(folder, "bad.jsonl"), '{"context":"a"}\n');
    const bad = accuracyOf(["--choices", "bad.jsonl", "--placement", "all-digital"], folder);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain("bad.jsonl: found line 1: ");
    const both = accuracyOf(
      ["--choices", "c", "--pairs", "shipped", "--choice_norm", "x", "--placement", "all-digital"],
      folder,
    );
    expect(both.code).toBe(2);
    for (const option of ["--choices", "--choice_norm"]) expect(both.stderr).toContain(option);
  });
});

test("the shipped pairs need no file", () => {
  const { code, read } = accuracyOf(["--pairs", "shipped", "--placement", "all-digital"]);
  expect(code).toBe(0);
  expect(read().rows[0]!.accuracy_frac).toBeGreaterThan(0.95);
}, 120_000);

describe("score --placement", () => {
  const score = (more: readonly string[], folder = emptyFolder()) => ({
    folder,
    ...ohmoe(
      ["score", "--checkpoint", "tiny-olmoe", "--out", "p.json", "--quiet", ...more],
      folder,
    ),
  });

  test("writes the placement that compare makes of the same strategy", () => {
    const { folder, code } = score(["--placement", "max-neuron-norm:0.25"]);
    expect(code).toBe(0);
    const written = JSON.parse(readFileSync(join(folder, "p.json"), "utf8"));
    const args = ["compare", "--checkpoint", "tiny-olmoe", "--prefill_tokens", "2"];
    ohmoe(
      [
        ...[...args, "--decode_tokens", "1", "--text_tokens", "256", "--seeds", "1", "--quiet"],
        ...["--placement", "max-neuron-norm:0.25", "--out", "r.json"],
      ],
      folder,
    );
    const report: Report = JSON.parse(readFileSync(join(folder, "r.json"), "utf8"));
    expect(written).toEqual(report.inputs.placements[0]!.value);
    expect(ohmoe(["validate", "p.json"], folder).code).toBe(0);
  });

  test("takes strategies of weights only", () => {
    const { code, stderr } = score(["--placement", "activation-weight:0.25"]);
    expect(code).toBe(2);
    expect(stderr).toContain("weights only");
  });

  test("the change of the router needs two checkpoints, and is nothing between equal ones", () => {
    const alone = score(["--metric", "router-norm-change"]);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain("--initial_checkpoint");
    const { folder, code } = score(["--initial_checkpoint", "tiny-olmoe"]);
    expect(code).toBe(0);
    const { scores } = JSON.parse(readFileSync(join(folder, "p.json"), "utf8"));
    expect(scores["router-norm-change"].flat().every((x: number) => x === 0)).toBe(true);
    expect(score(["--placement", "router-norm-change:0.5"]).code).toBe(2);
  });
});

test("compare takes strategies that measure, and says how many seeds would tell two apart", () => {
  const folder = emptyFolder();
  const { code, stderr } = ohmoe(
    [
      ...["accuracy", "--checkpoint", "tiny-olmoe", "--text_tokens", "256", "--seeds", "2"],
      ...["--placement", "forward-curvature:0.25", "--placement", "random:0.25"],
      ...["--out", "r.json", "--quiet"],
    ],
    folder,
  );
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const report: Report = JSON.parse(readFileSync(join(folder, "r.json"), "utf8"));
  expect(report.paired[0]!.seeds_needed).toBeGreaterThanOrEqual(2);
});
