import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";

/** Folder of src/ -> folders it may import. From top to bottom it is docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  units: [],
  random: [],
  model: ["units"],
  // from files to values
  input: ["units", "model"],
  // from values to decisions
  placement: ["units", "model", "random"],
  mapping: ["units", "model", "random"],
  // what the hardware does, costs and takes
  interconnect: ["units", "model"],
  lowering: ["units", "model", "random", "mapping", "interconnect"],
  cost: ["units", "model"],
  timing: ["units"],
  // what the numbers become
  checkpoint: ["units", "model"],
  numerics: ["units", "model", "random", "mapping"],
  transformer: ["units", "model", "numerics", "checkpoint"],
  accuracy: ["units", "model", "numerics", "checkpoint", "transformer", "mapping"],
  gpu: ["model", "random", "numerics", "checkpoint", "transformer", "accuracy"],
  scoring: ["units", "model", "random", "numerics", "checkpoint", "transformer", "placement"],
  training: [
    "units",
    "model",
    "random",
    "numerics",
    "checkpoint",
    "transformer",
    "accuracy",
    "mapping",
  ],
  // one run
  evaluate: [
    "units",
    "model",
    "random",
    "mapping",
    "interconnect",
    "lowering",
    "cost",
    "timing",
    "numerics",
    "checkpoint",
    "transformer",
    "accuracy",
  ],
  // many runs
  explore: ["units", "model", "random", "input"],
  // from values to files
  report: ["units", "model"],
};

/** Only the shell may import everything: `cli`, and the two files beside the folders. */
const SHELL = ["cli", "main.ts", "index.ts"];

/** Third-party packages have one home each. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  ajv: ["input"],
  typebox: ["model", "input"],
  mathjs: ["explore", "placement"],
  highs: ["placement"],
  "@tensorflow/tfjs-core": ["training"],
  "@tensorflow/tfjs-backend-wasm": ["training"],
  yargs: ["cli"],
  "cli-progress": ["cli"],
  piscina: ["cli"],
  koffi: ["cli"],
  "@duckdb/node-api": ["cli"],
  webgpu: ["cli"],
  "cli-table3": ["report"],
  "@resvg/resvg-wasm": ["cli"],
  "d3-array": ["accuracy", "report"],
  "@huggingface/tokenizers": ["checkpoint"],
};

/** `import ... from "x"`, `export ... from "x"`, `import("x")`. */
const IMPORT = /^(?:import|export)\s[^;"]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes("assembly"))
  .map((file) => join("src", file));
const imports: readonly Import[] = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(IMPORT)].map((match) => ({
    file,
    target: match[1] ?? match[2]!,
  })),
);
const folderOf = (file: string): string => relative("src", file).split(sep)[0]!;
const isRelative = ({ target }: Import): boolean => target.startsWith(".");
const resolved = ({ file, target }: Import): string => join(dirname(file), target);

describe("layering", () => {
  test("every folder imports only what it may", () => {
    const strangers = imports
      .filter(isRelative)
      .filter((i) => !SHELL.includes(folderOf(i.file)))
      .filter((i) => folderOf(resolved(i)) !== folderOf(i.file))
      .filter((i) => !MAY_IMPORT[folderOf(i.file)]?.includes(folderOf(resolved(i))))
      .map((i) => `${i.file} -> ${resolved(i)}`);
    expect(strangers).toEqual([]);
  });

  test("every folder has its line in the table", () => {
    const folders = readdirSync("src", { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.filter((f) => f !== "cli").sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test("no cycle between files, type imports included", () => {
    const next = new Map<string, string[]>();
    for (const i of imports.filter(isRelative)) {
      const list = next.get(i.file) ?? [];
      next.set(i.file, [...list, resolved(i)]);
    }
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const target of next.get(file) ?? []) visit(target, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test("third-party packages stay in their homes", () => {
    const strays = imports
      .filter((i) => !isRelative(i) && !i.target.startsWith("node:"))
      .filter(({ file, target }) => {
        const name = target
          .split("/")
          .slice(0, target.startsWith("@") ? 2 : 1)
          .join("/");
        return !HOMES[name]?.includes(folderOf(file));
      })
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(strays).toEqual([]);
  });

  test("only the shell touches files, clock, environment and console", () => {
    const touching = files
      .filter((file) => !SHELL.includes(folderOf(file)))
      .filter((file) =>
        /"node:|\bprocess\.|\bDate\b|Math\.random|\bconsole\./.test(
          readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""),
        ),
      );
    expect(touching).toEqual([]);
  });
});
