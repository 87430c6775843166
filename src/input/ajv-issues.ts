/** Ajv's errors -> issues that say where, what, what instead, and how. */
import type { ErrorObject } from "ajv/dist/2020.js";
import type { Issue } from "../model/issue.ts";
import { describeSchema, kindsOf, type SchemaNode } from "./describe-schema.ts";
import { appendToken, fieldHint, listOr, show, wordHint } from "./wording.ts";

type Rule = (error: ErrorObject) => Issue;

const schemaOf = (error: ErrorObject): SchemaNode => (error.parentSchema ?? {}) as SchemaNode;
const fieldsOf = (error: ErrorObject): string[] => Object.keys(schemaOf(error).properties ?? {});

const withHint = (issue: Issue, hint: string | undefined): Issue =>
  hint === undefined ? issue : { ...issue, hint };

/** The value itself is wrong: its schema says what is right. */
const wrongValue: Rule = (error) =>
  withHint(
    {
      pointer: error.instancePath,
      found: show(error.data),
      allowed: describeSchema(schemaOf(error)),
    },
    wordHint(error.data, schemaOf(error).enum ?? [schemaOf(error).const]),
  );

const wrongSize: Rule = (error) => ({
  pointer: error.instancePath,
  found: `${(error.data as { length: number }).length} of them`,
  allowed: `${error.keyword.startsWith("min") ? "at least" : "at most"} ${error.params["limit"]}`,
});

/** One row per keyword of our schemas; a test goes through them all. */
const RULES: Readonly<Record<string, Rule>> = {
  type: wrongValue,
  enum: wrongValue,
  const: wrongValue,
  minimum: wrongValue,
  maximum: wrongValue,
  exclusiveMinimum: wrongValue,
  minLength: wrongValue,
  maxLength: wrongSize,
  minItems: wrongSize,
  maxItems: wrongSize,
  uniqueItems: (error) => ({
    pointer: error.instancePath,
    found: `equal items at ${error.params["j"]} and ${error.params["i"]}`,
    allowed: "items that differ",
  }),
  anyOf: wrongValue,
  required: (error) => {
    const field: string = error.params["missingProperty"];
    const schema = schemaOf(error).properties?.[field] ?? {};
    const meaning = schema.description === undefined ? "" : ` (${schema.description})`;
    return {
      pointer: appendToken(error.instancePath, field),
      found: "nothing",
      allowed: `${field === "kind" ? "a string" : describeSchema(schema)}${meaning}`,
    };
  },
  additionalProperties: (error) => {
    const field: string = error.params["additionalProperty"];
    const known = fieldsOf(error);
    return withHint(
      {
        pointer: appendToken(error.instancePath, field),
        found: "an unknown field",
        allowed: `the fields ${known.join(", ")}`,
      },
      fieldHint(field, known),
    );
  },
  discriminator: (error) => {
    const kinds = kindsOf(schemaOf(error));
    return withHint(
      {
        pointer: appendToken(error.instancePath, "kind"),
        found: show(error.params["tagValue"]),
        allowed: listOr(kinds),
      },
      wordHint(
        error.params["tagValue"],
        kinds.map((k) => JSON.parse(k)),
      ),
    );
  },
};

/** Keywords that have a rule. */
export const KNOWN_KEYWORDS: readonly string[] = Object.keys(RULES);

/** Translates one Ajv error (made with `verbose: true`). */
export function issueFromAjv(error: ErrorObject): Issue {
  const rule = RULES[error.keyword];
  if (rule) return rule(error);
  return {
    pointer: error.instancePath,
    found: show(error.data),
    allowed: error.message ?? error.keyword,
  };
}

/**
 * Drops errors that only repeat another one.
 *
 * A failed `anyOf` comes with the errors of all its branches. If one branch got further than its
 * outermost type, that is the branch the user meant and only its errors stay; otherwise the
 * `anyOf` error alone says all. A missing `kind` is reported once, by `discriminator`.
 */
export function withoutEchoes(errors: readonly ErrorObject[]): ErrorObject[] {
  let kept = [...errors];
  for (const union of errors.filter((error) => error.keyword === "anyOf")) {
    const inBranch = (e: ErrorObject): boolean =>
      e !== union &&
      e.schemaPath.startsWith(`${union.schemaPath}/`) &&
      e.instancePath.startsWith(union.instancePath);
    const further = kept.filter((e) => inBranch(e) && !isOuterMismatch(e, union));
    kept = kept.filter((e) =>
      further.length > 0 ? e !== union && (!inBranch(e) || further.includes(e)) : !inBranch(e),
    );
  }
  const untagged = new Set(
    kept.filter((e) => e.keyword === "discriminator").map((e) => e.instancePath),
  );
  return kept.filter(
    (e) =>
      !(
        e.keyword === "required" &&
        e.params["missingProperty"] === "kind" &&
        untagged.has(e.instancePath)
      ),
  );
}

/** The branch is of another type, or names other words, than the value. */
function isOuterMismatch(error: ErrorObject, union: ErrorObject): boolean {
  return (
    error.instancePath === union.instancePath && ["type", "enum", "const"].includes(error.keyword)
  );
}
