import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the installed package: two above this file, in `src` as in `dist`. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export const packagePath = (...parts: readonly string[]): string => join(ROOT, ...parts);
