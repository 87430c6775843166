/** How issues name places and values, and guess what was meant. */
import { unitOf } from "../units/suffix.ts";

/** Appends one token to a JSON pointer. RFC 6901, section 3. */
export function appendToken(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A value as an issue shows it: JSON, at most 60 characters. */
export function show(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value === undefined) return "nothing";
  if (Array.isArray(value) && value.length > 8) return `an array of ${value.length} values`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** "a", "b" or "c" */
export function listOr(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/**
 * The known word nearest to a mistyped one, or undefined when none is near.
 *
 * @param limit most edits that still count as near; a third of the word if left out
 */
export function nearest(
  word: string,
  known: readonly string[],
  limit = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint for an unknown field: the same quantity in our unit, or the nearest name. */
export function fieldHint(field: string, known: readonly string[]): string | undefined {
  const stem = stemOf(field);
  const twin = known.find((k) => k !== stem && stemOf(k) === stem && unitOf(k) !== undefined);
  if (twin !== undefined)
    return `this file carries ${twin}; convert the value and rename the field`;
  const near = nearest(field, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** A hint for a word that is not one of the known ones. */
export function wordHint(word: unknown, known: readonly unknown[]): string | undefined {
  if (typeof word !== "string") return undefined;
  const near = nearest(
    word,
    known.filter((k) => typeof k === "string"),
  );
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}

/** The name without what looks like a unit: `read` of `read_us` and of `read_nJ_per_B`. */
const stemOf = (field: string): string =>
  field.replace(/_(?:[A-Za-z0-9]+_per_[A-Za-z]+|[^_]+)$/, "");

/**
 * Levenshtein distance with adjacent swaps counted as one edit.
 *
 * @source Damerau, "A technique for computer detection and correction of spelling errors", 1964
 *   (the restricted form: no substring is edited twice).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
