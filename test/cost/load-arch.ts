import { readdirSync, readFileSync } from "node:fs";
import type { Arch } from "../../src/model/arch.ts";

const FOLDER = new URL("../../arch/", import.meta.url);

export const archNames: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(/\.json$/, ""));

/** The file as it stands. */
export function readArchFile(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
}

/** The file on top of the one that it extends. */
export function loadArch(name: string): Arch {
  const { extends: base, ...own } = readArchFile(name);
  if (typeof base !== "string") return own as unknown as Arch;
  const below = loadArch(base.replace(/^\.\/(.*)\.json$/, "$1"));
  return { ...below, ...own } as Arch;
}
