/** JSON pointers (RFC 6901) into plain values: reading, and changing without touching the original. */
import { appendToken } from "../input/wording.ts";

export const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));

/** Where a pointer leaves a value. */
export interface Missing {
  /** The part that exists. */
  readonly parent: string;
  /** The first token that does not. */
  readonly token: string;
  /** What there is in its place. */
  readonly known: readonly string[];
}

/** The first token of a pointer that the value does not have; null: it has them all. */
export function missingAt(value: unknown, pointer: string): Missing | null {
  let parent = "";
  let inner = value;
  for (const token of tokensOf(pointer)) {
    const known = typeof inner === "object" && inner !== null ? Object.keys(inner) : [];
    if (!known.includes(token)) return { parent, token, known };
    inner = (inner as Readonly<Record<string, unknown>>)[token];
    parent = appendToken(parent, token);
  }
  return null;
}

/** A copy of the value with one place replaced; everything else is shared with the original. */
export function replaceAt(value: unknown, tokens: readonly string[], by: unknown): unknown {
  const [token, ...rest] = tokens;
  if (token === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === token ? replaceAt(item, rest, by) : item));
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [token]: replaceAt(fields[token], rest, by) };
}
