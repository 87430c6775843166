/** Results that take long and depend on nothing but their key, kept between runs. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { InputError } from "../model/issue.ts";
import { writeWhole } from "./files.ts";
import { sha256OfValue } from "./hash.ts";

/** `OHMOE_CACHE`, or `ohmoe` in the user's cache folder; an empty `OHMOE_CACHE` switches caching off. */
function cacheFolder(): string | null {
  const { OHMOE_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  if (own !== undefined) return own === "" ? null : own;
  return join(caches || join(homedir(), ".cache"), "ohmoe");
}

/** Place of the value of a key; null: nothing is cached. */
function cacheFile(kind: string, key: unknown): string | null {
  const folder = cacheFolder();
  return folder === null
    ? null
    : join(folder, `${kind}-${sha256OfValue([key, process.versions.v8])}.bin`);
}

/**
 * The value that was kept under a key; null: there is none, or its file cannot be read.
 *
 * @param key everything that the value depends on, the version of the code that makes it included
 */
export function fromCache<T>(kind: string, key: unknown): T | null {
  const file = cacheFile(kind, key);
  if (file === null || !existsSync(file)) return null;
  try {
    return deserialize(readFileSync(file)) as T;
  } catch {
    // half a disk, or another program's file: made anew
    return null;
  }
}

/** Keeps a value; typed arrays bit for bit. A folder that cannot be written is no error. */
export function toCache(kind: string, key: unknown, value: unknown): void {
  const file = cacheFile(kind, key);
  if (file === null) return;
  try {
    writeWhole(file, serialize(value));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

/** The value under a key, made and kept where there is none. */
export async function cached<T>(
  kind: string,
  key: unknown,
  make: () => Promise<T> | T,
): Promise<T> {
  const found = fromCache<T>(kind, key);
  if (found !== null) return found;
  const made = await make();
  toCache(kind, key, made);
  return made;
}
