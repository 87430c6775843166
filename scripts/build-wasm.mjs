/**
 * Compiles src/numerics/assembly to WebAssembly and writes the bytes as a TypeScript string, so that
 * no file is read at run time. `npm run wasm`; a test checks that the committed bytes are current.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = "src/numerics/engines/wasm-bytes.ts";

/** Plain SIMD: no feature that Node 20 or a browser of 2023 lacks. */
const OPTIONS = [
  "-O3",
  "--runtime=stub",
  "--noAssert",
  "--enable=simd",
  "--importMemory",
  "--noExportMemory",
  "--maximumMemory=65536",
];

/** Compiles the kernels. @returns the module's bytes */
export async function compileKernels() {
  const out = "build/kernels.wasm";
  let bytes;
  const { error, stderr } = await asc.main(
    ["src/numerics/assembly/index.ts", "-o", out, "--baseDir", ROOT, ...OPTIONS],
    {
      writeFile: (name, content) => {
        if (name === out) bytes = content;
      },
    },
  );
  if (error || bytes === undefined) throw new Error(`asc failed\n${stderr.toString()}`);
  return bytes;
}

/** The generated file's text. */
export function wasmBytesModule(bytes) {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  return [
    "/** Generated from src/numerics/assembly by `npm run wasm`; do not edit. Base64. */",
    "export const WASM_BASE64 =",
    `${lines.map((line) => `  "${line}"`).join(" +\n")};`,
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await compileKernels();
  writeFileSync(new URL(`../${TARGET}`, import.meta.url), wasmBytesModule(bytes));
  process.stderr.write(`${TARGET}: ${bytes.length} bytes of WebAssembly\n`);
}
