/** Value against schema -> every issue at once. The only user of Ajv. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Static, TSchema } from "typebox";
import { InputError, type Issue } from "../model/issue.ts";
import { issueFromAjv, withoutEchoes } from "./ajv-issues.ts";

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  discriminator: true,
  strict: true,
  // A union told apart by `kind` requires a field that its variants define.
  strictRequired: false,
  logger: false,
});

const compiled = new WeakMap<TSchema, ValidateFunction>();

/** Compiling takes tens of milliseconds, so each schema is compiled when it is first needed. */
function validatorOf(schema: TSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const validator = ajv.compile(schema);
  compiled.set(schema, validator);
  return validator;
}

/** Every way in which the value does not satisfy the schema; empty if it does. */
export function schemaIssues(schema: TSchema, value: unknown): Issue[] {
  const validator = validatorOf(schema);
  if (validator(value)) return [];
  const errors: readonly ErrorObject[] = validator.errors ?? [];
  return withoutEchoes(errors).map(issueFromAjv);
}

/** A check of what a schema cannot say. */
export type Check<T> = (value: T) => readonly Issue[];

/**
 * Unknown -> typed value, frozen all the way down.
 *
 * The checks run once the schema has passed, since they read fields that it promises.
 *
 * @throws InputError with every issue of the schema, or else of the checks
 */
export function parseWith<S extends TSchema>(
  schema: S,
  value: unknown,
  file: string,
  checks: readonly Check<Static<S>>[],
): Static<S> {
  const issues = schemaIssues(schema, value);
  if (issues.length > 0) throw new InputError(file, withoutConsequences(issues));
  const typed = value as Static<S>;
  const found = checks.flatMap((check) => check(typed));
  if (found.length > 0) throw new InputError(file, found);
  return freezeDeep(typed);
}

/** A file of another format lacks every field of this one: saying so once is enough. */
function withoutConsequences(issues: readonly Issue[]): readonly Issue[] {
  const otherFormat = issues.filter(
    ({ pointer, found }) => pointer === "/format" && /^"\w+\/1"$/.test(found),
  );
  return otherFormat.length > 0 ? otherFormat : issues;
}

/** Recursive: JSON values from `readJson` are at most 256 levels deep. */
function freezeDeep<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const child of Object.values(value)) freezeDeep(child);
    Object.freeze(value);
  }
  return value;
}
