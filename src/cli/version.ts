import { readFileSync } from "node:fs";
import { packagePath } from "./package-path.ts";

/** Version of the program, from its package.json. */
export const VERSION: string = (
  JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { version: string }
).version;
