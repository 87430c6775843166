import { createHash } from "node:crypto";
import { readBytes } from "./files.ts";

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** SHA-256 of the bytes of files, one after the other. */
export function sha256OfFiles(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readBytes(file));
  return hash.digest("hex");
}

/** SHA-256 of a JSON value with sorted keys: independent of order and layout of the file. */
export const sha256OfValue = (value: unknown): string => sha256(JSON.stringify(sorted(value)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
