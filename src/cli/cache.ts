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

/**
 * The value under a key, made and stored where there is none. Typed arrays are kept bit for bit.
 *
 * A folder that cannot be written, or a file that cannot be read, costs time but is no error.
 *
 * @param key everything that the value depends on, the version of the code that makes it included
 */
export async function cached<T>(
  kind: string,
  key: unknown,
  make: () => Promise<T> | T,
): Promise<T> {
  const folder = cacheFolder();
  if (folder === null) return make();
  const file = join(folder, `${kind}-${sha256OfValue([key, process.versions.v8])}.bin`);
  if (existsSync(file))
    try {
      return deserialize(readFileSync(file)) as T;
    } catch {
      // half a disk, or another program's file: made anew
    }
  const made = await make();
  try {
    writeWhole(file, serialize(made));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return made;
}
