/**
 * Every command of every page is run, in a folder of its own per page, in order.
 *
 * `UPDATE_DOCS=1 npx vitest run test/docs` writes what commands print into the pages.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyFolder, type Outcome, ohmoe, ROOT } from "../cli/ohmoe.ts";
import { PAGES, type Replacement, rewriteOutputs, type Step, stepsOf } from "./pages.ts";

const MINUTES_10 = 600_000;
const SHIPPED = ["arch", "workloads", "docs"];
const NPM_ITSELF = ["ci", "install", "test", "start", "pack", "link"];

const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts);

/** An empty folder that looks like the repository's root to somebody who reads files. */
function readersFolder(): string {
  const folder = emptyFolder();
  for (const name of SHIPPED) symlinkSync(join(ROOT, name), join(folder, name));
  return folder;
}

/** Runs a command of ours; checks the name of one of npm's. @returns null: not run */
function follow({ words, exitCode }: Step & { kind: "command" }, folder: string): Outcome | null {
  const [first, ...rest] = words[0] === "npx" ? words.slice(1) : words;
  if (first === "npm") {
    const script = rest[0] === "run" ? rest[1] : rest[0];
    expect([...NPM_ITSELF, ...scripts], words.join(" ")).toContain(script);
    return null;
  }
  if (first !== "ohmoe") {
    expect(["vitest", "tsc", "biome", "knip", "tsx", "git", "cd"], words.join(" ")).toContain(
      first,
    );
    return null;
  }
  const outcome = ohmoe(rest, folder);
  expect(outcome, words.join(" ")).toMatchObject({ code: exitCode });
  return outcome;
}

function save({ name, content }: Step & { kind: "file" }, folder: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), `${content}\n`);
}

describe.each(PAGES.filter((page) => stepsOf(page).some(({ kind }) => kind === "command")))(
  "%s",
  (page) => {
    test("every command does what the page says", { timeout: MINUTES_10 }, () => {
      const folder = readersFolder();
      const changed: Replacement[] = [];
      let last: Outcome | null = null;
      for (const step of stepsOf(page)) {
        if (step.kind === "command") last = follow(step, folder);
        else if (step.kind === "file") save(step, folder);
        else if (last !== null && last.stdout.trim() !== step.text.trim())
          changed.push({ fence: step.fence, stdout: last.stdout.trim() });
      }
      if (process.env["UPDATE_DOCS"]) rewriteOutputs(page, changed);
      else for (const { fence, stdout } of changed) expect(fence.body.trim()).toBe(stdout);
    });
  },
);
