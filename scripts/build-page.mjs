/**
 * Compiles page/ to one script and writes it as a TypeScript string, with the hash that a page's
 * policy names. `npm run page`; a test checks that the committed script is current.
 *
 * Each module becomes a function that returns its exports; those that are imported come first. That
 * is all the bundling there is: only named imports and exports of functions and constants.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = "src/report/page/client-script.ts";
const IMPORT = /^import\s[\s\S]*?\sfrom\s+"([^"]+)";\n/gm;

/** @returns the script that pages carry */
export function compilePage() {
  const out = mkdtempSync(join(tmpdir(), "page-"));
  try {
    execFileSync(
      process.execPath,
      [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "page", "--outDir", out],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" },
    );
    return scriptOf(join(out, "page/main.js"));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function scriptOf(main) {
  const numbers = new Map();
  const parts = [];
  const add = (file) => {
    if (numbers.has(file)) return;
    const text = readFileSync(file, "utf8");
    const imports = [...text.matchAll(IMPORT)].map(([statement, target]) => {
      const from = resolve(dirname(file), target);
      add(from);
      return { names: statement.match(/\{([^}]*)\}/)[1].replace(/\s+/g, " "), from };
    });
    numbers.set(file, numbers.size);
    parts.push(moduleText(text, imports, numbers, numbers.get(file)));
  };
  add(main);
  const script = `"use strict";\n${parts.join("").replaceAll(/^ +/gm, "")}`;
  if (/<\/script/i.test(script)) throw new Error("the script would end its element");
  new Function(script);
  return script;
}

function moduleText(text, imports, numbers, number) {
  const exported = [...text.matchAll(/^export (?:function|const) (\w+)/gm)].map(([, name]) => name);
  const body = text.replaceAll(IMPORT, "").replaceAll(/^export (?:\{\};\n)?/gm, "");
  const needs = imports.map(({ names, from }) => `const {${names}} = m${numbers.get(from)};\n`);
  return `const m${number} = (() => {\n${needs.join("")}${body}return { ${exported.join(", ")} };\n})();\n`;
}

/** The generated file's text. */
export function scriptModule(script) {
  const sha256 = createHash("sha256").update(script).digest("base64");
  const lines = script.match(/.*\n/g) ?? [];
  return [
    "/** Generated from page/ by `npm run page`; do not edit. */",
    `export const CLIENT_SHA256 = ${JSON.stringify(sha256)};`,
    "",
    "export const CLIENT_SCRIPT = [",
    ...lines.map((line) => `  ${JSON.stringify(line.slice(0, -1))},`),
    '  "",',
    '].join("\\n");',
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const script = compilePage();
  writeFileSync(join(ROOT, TARGET), scriptModule(script));
  process.stderr.write(`${TARGET}: ${script.length} characters\n`);
}
