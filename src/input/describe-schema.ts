/** What a schema allows, in words; for issues and for the reference pages. */
import { listOr } from "./wording.ts";

/** The part of JSON Schema that our files use. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** "a whole number from 1 to 16", "an array of numbers > 0", "one of \"sram\", \"dram\"". */
export function describeSchema(schema: SchemaNode): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `${listOr(schema.enum.map((v) => JSON.stringify(v)))}`;
  if (schema.anyOf) return listOr(schema.anyOf.map(describeSchema));
  if (schema.oneOf) return `an object with "kind": ${kindsOf(schema).join(", ")}`;
  switch (schema.type) {
    case "integer":
      return `a whole number ${range(schema)}`.trim();
    case "number":
      return `a number ${range(schema)}`.trim();
    case "string":
      return schema.minLength ? "a string that is not empty" : "a string";
    case "boolean":
      return "true or false";
    case "array":
      return `an array${schema.minItems ? ` of at least ${schema.minItems}` : ""}`;
    default:
      return "an object";
  }
}

/** The values of `kind` of a union of records, in JSON. */
export function kindsOf(union: SchemaNode): string[] {
  return (union.oneOf ?? []).map((variant) => JSON.stringify(variant.properties?.["kind"]?.const));
}

function range({ minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const low =
    exclusiveMinimum !== undefined
      ? `> ${bound(exclusiveMinimum)}`
      : minimum !== undefined
        ? `>= ${bound(minimum)}`
        : "";
  const high = maximum === undefined ? "" : `<= ${bound(maximum)}`;
  return [low, high].filter((side) => side !== "").join(" and ");
}

/** 65536, but 1e15. */
const bound = (value: number): string =>
  value >= 1e6 ? value.toExponential().replace("e+", "e") : `${value}`;
