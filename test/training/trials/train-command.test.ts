/** `ohmoe train` as a user meets it: killed in mid-run, diverging, without its data. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { readTask } from "../../../src/cli/training/task.ts";
import { emptyFolder, ROOT } from "../../cli/ohmoe.ts";

const PROGRAM = [join(ROOT, "dist", "main.js")];
const MINUTES_5 = 300_000;

const recipe = (steps: number, learning_rate: number) => ({
  ...{ steps, learning_rate, batch_items: 8, checkpoint_steps: 2 },
  optimiser: { kind: "adamw" },
});

function specFile(change: Record<string, unknown> = {}): string {
  const file = join(emptyFolder(), "spec.json");
  const spec = {
    format: "training/1",
    ...{ name: "tiny", seed: 1 },
    network: {
      ...{ kind: "encoder", patch_rows: 14, features: 8, heads: 2 },
      ...{ intermediate_features: 8, layers: 1 },
    },
    data: { kind: "digits", training_items: 200, validation_items: 50, evaluation_items: 50 },
    digital: recipe(12, 0.003),
    hardware_aware: {
      ...recipe(10, 0.001),
      weight_noise: { kind: "programming", scale: 3 },
      input_range: { initial_steps: 4 },
      distillation: { weight_frac: 0.9, temperature_factor: 4 },
    },
    evaluation: { arch: "hetero-pcm", seeds: 2, ages_s: [3600] },
    ...change,
  };
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

const call = (...args: readonly string[]) =>
  spawnSync(process.execPath, [...PROGRAM, ...args], { cwd: ROOT, encoding: "utf8" });
const run = (...args: readonly string[]) => call("train", ...args);

/** Runs until a file is there, then kills without a chance to save. */
async function runAndKill(file: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...PROGRAM, "train", ...args], { cwd: ROOT });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (!existsSync(file) && child.exitCode === null) await setTimeout(5);
  child.kill("SIGKILL");
  await ended;
}

test("killed in either phase and resumed, it comes to the same, to the byte", {
  timeout: MINUTES_5,
}, async () => {
  const spec = specFile();
  const [whole, cut] = [emptyFolder(), emptyFolder()];
  const finished = run(spec, "--out", whole);
  expect(finished.stderr).toBe("");
  expect(finished.status).toBe(0);
  expect(finished.stdout).toMatch(/hardware-aware +1 hour/);
  await runAndKill(join(cut, "digital.state"), spec, "--out", cut);
  await runAndKill(join(cut, "hardware-aware.state"), spec, "--out", cut, "--resume");
  const resumed = run(spec, "--out", cut, "--resume");
  expect(resumed.status).toBe(0);
  for (const file of [
    "digital.state",
    "hardware-aware.state",
    "loss.json",
    "loss.svg",
    "accuracy.json",
  ])
    expect(readFileSync(join(cut, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
  checkSensitivity(spec, whole);
});

/** The same folder serves `ohmoe sensitivity`, which asks for a finished training. */
function checkSensitivity(spec: string, trained: string): void {
  const out = join(trained, "found.json");
  const asked = ["--nonideality", "output_noise", "--seeds", "2", "--out", out];
  const { status, stdout } = call("sensitivity", spec, "--trained", trained, ...asked);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^output_noise +direct/m);
  expect(stdout).toContain(
    "- output_noise: of the input range x the largest weight; MVM error 20 %",
  );
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  const { sensitivities } = JSON.parse(readFileSync(out, "utf8"));
  expect(sensitivities.map(({ version }: { version: string }) => version)).toEqual([
    "direct",
    "hardware-aware",
  ]);
  const unfinished = call("sensitivity", spec, "--trained", emptyFolder());
  expect(unfinished.status).toBe(2);
  expect(unfinished.stderr).toContain("ohmoe train --resume");
}

describe("what goes wrong is said", () => {
  test("a rate that diverges: step, and the last good state", { timeout: MINUTES_5 }, () => {
    const digital = { ...recipe(30, 900), optimiser: { kind: "sgd" } };
    const folder = emptyFolder();
    const { status, stderr } = run(specFile({ digital }), "--out", folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /#\/digital\/learning_rate: found a rate that diverges: loss .* after step \d+/,
    );
    expect(stderr).toMatch(/last good state|no state was saved/);
  });

  test("a name that is not shipped", () => {
    const { status, stderr } = run("cnn-digit", "--out", emptyFolder());
    expect(status).toBe(2);
    expect(stderr).toMatch(/found "cnn-digit"; .*did you mean cnn-digits/s);
  });

  test("more images than there are", () => {
    const sizes = { training_items: 50000, validation_items: 1, evaluation_items: 1 };
    const read = () => readTask({ kind: "digits", ...sizes }, "spec.json");
    expect(read).toThrow(/spec.json#\/data: found 50000 \+ 1 \+ 1 images; allowed: 10000 in all/);
  });
});
