import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const MOST_LINES = 300;

/** Files that are longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {
  "src/report/page/client-script.ts": "generated: the script of pages",
  "src/numerics/engines/wasm-bytes.ts": "generated: the bytes of the WebAssembly module",
};

test("no file grows beyond what one reads at a sitting, except those with a reason", () => {
  const long = readdirSync("src", { recursive: true, encoding: "utf8" })
    .map((file) => join("src", file))
    .filter((file) => file.endsWith(".ts"))
    .filter((file) => readFileSync(file, "utf8").split("\n").length > MOST_LINES)
    .filter((file) => !(file in LONGER));
  expect(long).toEqual([]);
});
