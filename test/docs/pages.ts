import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/ohmoe.ts";

const here = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file));
const beside = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "arch/README.md"];
const top = readdirSync(ROOT);

/** Every page that people read, relative to the root. */
export const PAGES: readonly string[] = [
  ...beside.filter((file) => top.includes(file.split("/")[0]!)),
  ...here("docs"),
].sort();

export const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

/** A fenced block. `line` counts from 0 and is that of the opening fence. */
interface Fence {
  readonly language: string;
  readonly body: string;
  readonly line: number;
  readonly end: number;
}

/** What a reader of a page is told to do, in order. */
export type Step =
  | { readonly kind: "file"; readonly name: string; readonly content: string }
  | { readonly kind: "command"; readonly words: readonly string[]; readonly exitCode: number }
  | { readonly kind: "output"; readonly text: string; readonly fence: Fence };

/**
 * - a `sh` fence: one command a line, `&&` between two; `# exit 2` at its end is the exit code, any
 *   other comment says something to people;
 * - a `json` fence right after a line "Save as `FILE`:": that file;
 * - a `text` fence right after a `sh` fence: what its last command prints.
 */
export function stepsOf(page: string): readonly Step[] {
  const lines = textOf(page).split("\n");
  const fences = fencesOf(lines);
  return fences.flatMap((fence, i): Step[] => {
    if (fence.language === "sh") return fence.body.split("\n").flatMap(commandsOf);
    const before = lineBefore(lines, fence.line);
    const name = /Save as `([^`]+)`:$/.exec(lines[before] ?? "")?.[1];
    if (fence.language === "json" && name !== undefined)
      return [{ kind: "file", name, content: fence.body }];
    const last = fences[i - 1];
    const follows = last?.language === "sh" && last.end === before;
    return fence.language === "text" && follows
      ? [{ kind: "output", text: fence.body, fence }]
      : [];
  });
}

/** Number of the last line above that is not empty. */
function lineBefore(lines: readonly string[], line: number): number {
  let before = line - 1;
  while (before >= 0 && lines[before]!.trim() === "") before--;
  return before;
}

function fencesOf(lines: readonly string[]): readonly Fence[] {
  const marks = lines.flatMap((text, line) => (text.startsWith("```") ? [line] : []));
  return Array.from({ length: Math.floor(marks.length / 2) }, (_, i) => {
    const [line, end] = [marks[2 * i]!, marks[2 * i + 1]!];
    const body = lines.slice(line + 1, end).join("\n");
    return { language: lines[line]!.slice(3).trim(), body, line, end };
  });
}

function commandsOf(line: string): Step[] {
  const [code, comment] = line.split(/\s+#\s+/);
  if (code!.trim() === "" || code!.startsWith("#")) return [];
  const exitCode = Number(/^exit (\d+)$/.exec(comment ?? "")?.[1] ?? 0);
  return code!
    .split("&&")
    .map((command): Step => ({ kind: "command", words: wordsOf(command.trim()), exitCode }));
}

/** As a shell splits a line; the pages use no more of it than quotes. */
function wordsOf(command: string): readonly string[] {
  if (/[|<>;$*\\]/.test(command)) throw new Error(`too much shell for this test: ${command}`);
  const words = command.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
}

/** What a command really prints, and the block that said something else. */
export interface Replacement {
  readonly fence: Fence;
  readonly stdout: string;
}

/** Puts what commands really print into the page. @param changed in the order of the page */
export function rewriteOutputs(page: string, changed: readonly Replacement[]): void {
  const lines = textOf(page).split("\n");
  for (const { fence, stdout } of changed.toReversed())
    lines.splice(fence.line + 1, fence.end - fence.line - 1, ...stdout.split("\n"));
  writeFileSync(join(ROOT, page), lines.join("\n"));
}
