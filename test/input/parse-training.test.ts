import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseTraining } from "../../src/input/parse-training.ts";
import { InputError, type Issue } from "../../src/model/issue.ts";
import { loadJson } from "../workloads/load.ts";

type Json = Record<string, unknown>;
const cnn = (): Json => structuredClone(loadJson("training/cnn-digits.json")) as Json;
const lstm = (): Json => structuredClone(loadJson("training/lstm-characters.json")) as Json;

function issuesOf(value: unknown): readonly Issue[] {
  try {
    parseTraining(value, "spec.json");
  } catch (error) {
    if (error instanceof InputError) return error.issues;
    throw error;
  }
  return [];
}
const pointers = (value: unknown): string[] => issuesOf(value).map(({ pointer }) => pointer);

test.each(readdirSync("training"))("the shipped %s passes", (file) => {
  expect(issuesOf(loadJson(`training/${file}`))).toEqual([]);
});

describe("what is wrong is named with its place", () => {
  test("an unknown kind of network", () => {
    const [issue] = issuesOf({ ...cnn(), network: { kind: "transformer-xl" } });
    expect(issue!.pointer).toBe("/network/kind");
    expect(issue!.allowed).toContain("lstm-lm");
  });

  test("an unknown field of a layer", () => {
    const network = { ...(cnn()["network"] as Json), stage_pooling: 2 };
    expect(pointers({ ...cnn(), network })).toEqual(["/network/stage_pooling"]);
  });

  test("a learning rate of 0, steps of none: both at once", () => {
    const digital = { ...(cnn()["digital"] as Json), learning_rate: 0, steps: 0 };
    expect(pointers({ ...cnn(), digital }).sort()).toEqual([
      "/digital/learning_rate",
      "/digital/steps",
    ]);
  });

  test("text for a network that reads images", () => {
    const [issue] = issuesOf({ ...cnn(), data: lstm()["data"] });
    expect(issue).toMatchObject({ pointer: "/data/kind", found: '"moby-dick"' });
  });

  test("tokens for a network that reads characters", () => {
    const data = { ...(lstm()["data"] as Json), unit: "tokens" };
    expect(pointers({ ...lstm(), data })).toEqual(["/data/unit"]);
  });

  test.each([
    ["training_chapters", [60, 135]],
    ["validation_chapters", [6, 6]],
  ])("%s that are evaluated as well", (role, chapters) => {
    const data = { ...(lstm()["data"] as Json), [role]: chapters };
    const issues = issuesOf({ ...lstm(), data });
    expect(issues.map(({ hint }) => hint)).toContain(
      "what is trained or tuned on must not be scored",
    );
  });

  test("chapters backwards", () => {
    const data = { ...(lstm()["data"] as Json), training_chapters: [135, 101] };
    expect(pointers({ ...lstm(), data })).toContain("/data/training_chapters");
  });

  test("a checkpoint is trained already, others are not", () => {
    const { digital, ...rest } = cnn();
    expect(pointers(rest)).toEqual(["/digital"]);
    const moe = loadJson("training/tiny-olmoe.json") as Json;
    expect(pointers({ ...moe, digital })).toEqual(["/digital"]);
  });

  test("heads that do not divide the features, a warm-up longer than the training", () => {
    const encoder = loadJson("training/encoder-digits.json") as Json;
    const network = { ...(encoder["network"] as Json), heads: 3 };
    const digital = {
      ...(encoder["digital"] as Json),
      schedule: { kind: "constant", warmup_steps: 9999 },
    };
    expect(pointers({ ...encoder, network, digital })).toEqual([
      "/network/heads",
      "/digital/schedule/warmup_steps",
    ]);
  });
});
