/** Reads the fields of a Hugging Face `config.json` and collects every issue on the way. */
import { InputError, type Issue } from "../../model/issue.ts";
import { appendToken, listOr, nearest, show } from "../wording.ts";

/**
 * A field without `fallback` must be there. A fallback is given only where the configuration class
 * of the family has that very default, since files may leave out what equals it; `null` in a file
 * counts as left out.
 *
 * After an issue the methods return a harmless value, so that reading goes on; `finish` throws.
 */
export interface ConfigReader {
  readonly count: (field: string, fallback?: number) => number;
  readonly countOrZero: (field: string, fallback?: number) => number;
  readonly positive: (field: string, fallback?: number) => number;
  readonly flag: (field: string, fallback?: boolean) => boolean;
  readonly choice: <T extends string>(field: string, allowed: readonly T[], fallback?: T) => T;
  readonly layerNumbers: (field: string, fallback: readonly number[]) => readonly number[];
  /** The raw value; undefined if absent or null. */
  readonly raw: (field: string) => unknown;
  /** Does the file say null? */
  readonly isNull: (field: string) => boolean;
  readonly refuse: (field: string, allowed: string, hint?: string) => void;
  /** @throws InputError if there was any issue */
  readonly finish: () => void;
}

export function createConfigReader(
  config: Readonly<Record<string, unknown>>,
  file: string,
): ConfigReader {
  const issues: Issue[] = [];
  const raw = (field: string): unknown =>
    Object.hasOwn(config, field) ? (config[field] ?? undefined) : undefined;
  const refuse = (field: string, allowed: string, hint?: string): void => {
    const pointer = appendToken("", field);
    if (issues.some((known) => known.pointer === pointer)) return;
    const issue = { pointer, found: show(raw(field)), allowed };
    issues.push(hint === undefined ? issue : { ...issue, hint });
  };
  const near = (field: string): string | undefined => {
    if (raw(field) !== undefined) return undefined;
    const twin = nearest(field, Object.keys(config), 2);
    return twin === undefined || twin === field ? undefined : `this file carries ${twin}`;
  };
  const read = <T>(
    field: string,
    allowed: string,
    accepts: (value: unknown) => value is T,
    fallback: T | undefined,
    harmless: T,
  ): T => {
    const value = raw(field) ?? fallback;
    if (accepts(value)) return value;
    refuse(field, allowed, near(field));
    return harmless;
  };
  const numberAbove =
    (low: number, whole: boolean) =>
    (value: unknown): value is number =>
      typeof value === "number" &&
      value >= low &&
      value <= 1e12 &&
      (!whole || Number.isInteger(value));
  return {
    count: (field, fallback) =>
      read(field, "a whole number >= 1", numberAbove(1, true), fallback, 1),
    countOrZero: (field, fallback) =>
      read(field, "a whole number >= 0", numberAbove(0, true), fallback, 0),
    positive: (field, fallback) =>
      read(field, "a number > 0", numberAbove(Number.MIN_VALUE, false), fallback, 1),
    flag: (field, fallback) =>
      read(field, "true or false", (v) => typeof v === "boolean", fallback, false),
    choice: <T extends string>(field: string, allowed: readonly T[], fallback?: T): T =>
      read(
        field,
        listOr(allowed.map((word) => JSON.stringify(word))),
        (v): v is T => allowed.some((word) => word === v),
        fallback,
        allowed[0]!,
      ),
    layerNumbers: (field, fallback) =>
      read(
        field,
        "an array of layer numbers",
        (v): v is readonly number[] => Array.isArray(v) && v.every(numberAbove(0, true)),
        fallback,
        [],
      ),
    raw,
    isNull: (field) => Object.hasOwn(config, field) && config[field] === null,
    refuse,
    finish: () => {
      if (issues.length > 0) throw new InputError(file, issues);
    },
  };
}
