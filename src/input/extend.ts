/** `extends`: a file that says only what differs from a base file. */
import { InputError } from "../model/issue.ts";
import { show } from "./wording.ts";

/** A parsed file and the name under which issues mention it. */
export interface LoadedFile {
  readonly file: string;
  readonly value: unknown;
}

/**
 * Loads the base of a file.
 *
 * @param path as `extends` gives it, relative to `fromFile`
 * @throws InputError if there is no such file or it is no JSON
 */
export type LoadBase = (path: string, fromFile: string) => LoadedFile;

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Resolves `extends`, one level deep: objects are merged, all else replaces.
 *
 * An object that changes `kind` replaces its counterpart, whose fields belong to the other kind.
 *
 * @throws InputError if the base cannot be loaded, or extends a file in turn
 */
export function resolveExtends(loaded: LoadedFile, loadBase?: LoadBase): LoadedFile {
  const { value, file } = loaded;
  if (!isRecord(value) || !Object.hasOwn(value, "extends")) return loaded;
  const refuse = (found: string, allowed: string): never => {
    throw new InputError(file, [{ pointer: "/extends", found, allowed }]);
  };
  const { extends: path, ...own } = value;
  if (typeof path !== "string") return refuse(show(path), "the path of a base file");
  if (!loadBase) return refuse(show(path), "a file without extends here");
  const base = loadBase(path, file);
  if (base.file === file) return refuse(`${show(path)}, this very file`, "another file");
  if (!isRecord(base.value)) return refuse(`${show(path)}, which is no object`, "a base file");
  if (Object.hasOwn(base.value, "extends"))
    return refuse(
      `${show(path)}, which extends ${show(base.value["extends"])} in turn`,
      "a base file without extends: one level only",
    );
  return { file: `${file} (on ${base.file})`, value: merge(base.value, own) };
}

/** Recursive: JSON values from `readJson` are at most 256 levels deep. */
function merge(base: unknown, own: unknown): unknown {
  if (!isRecord(base) || !isRecord(own)) return own;
  if (Object.hasOwn(own, "kind") && own["kind"] !== base["kind"]) return own;
  const fields = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(own))
    fields.set(key, fields.has(key) ? merge(fields.get(key), value) : value);
  return Object.fromEntries(fields);
}
