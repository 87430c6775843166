import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Build {
  compileKernels: () => Promise<Uint8Array>;
  wasmBytesModule: (bytes: Uint8Array) => string;
}

test("the committed bytes are what the committed source compiles to", async () => {
  const path = "../../scripts/build-wasm.mjs";
  const build = (await import(path)) as Build;
  const committed = readFileSync(
    new URL("../../src/numerics/engines/wasm-bytes.ts", import.meta.url),
    "utf8",
  );
  expect(build.wasmBytesModule(await build.compileKernels())).toBe(committed);
});
