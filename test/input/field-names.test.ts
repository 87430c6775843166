import { describe, expect, test } from "vitest";
import { FORMATS } from "../../scripts/write-schemas.ts";
import type { SchemaNode } from "../../src/input/describe-schema.ts";
import { saysItsUnit, unitOf } from "../../src/units/suffix.ts";

/** Numbers that are names of things, or multiply a thing that the field is named after. */
const NO_QUANTITY = [
  "layer",
  "expert",
  "embedding",
  "attention",
  "residual",
  "matrix",
  "blocks",
  // Of a variable of a sweep: the unit is that of the field it points to.
  "first",
  "last",
  "step",
  // Settings of a search.
  "population",
  "generations",
  // Of an exploration: numbers of points, and values in the unit of their objective.
  "index",
  "example_index",
  "within_noise_of",
  "values",
  "best",
  "worst",
];

const isNumeric = (schema: SchemaNode): boolean =>
  schema.type === "number" ||
  schema.type === "integer" ||
  (schema.items !== undefined && isNumeric(schema.items)) ||
  (schema.anyOf ?? []).some(isNumeric);

/** Names of all numeric fields of a schema. */
function numericFields(schema: SchemaNode): string[] {
  const inner = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (schema.items) inner.push(schema.items);
  const own = Object.entries(schema.properties ?? {});
  return [
    ...own.filter(([, child]) => isNumeric(child)).map(([field]) => field),
    ...own.flatMap(([, child]) => numericFields(child)),
    ...inner.flatMap(numericFields),
  ];
}

/** Scores are maps of bare numbers. */
const FIELDS = FORMATS.filter(({ schema }) => numericFields(schema as SchemaNode).length > 0);

describe.each(FIELDS)("$name", ({ schema }) => {
  const fields = new Set(numericFields(schema as SchemaNode));
  test.each([...fields].sort())("%s says its unit, counts, or is a pure number", (field) => {
    expect(saysItsUnit(field) || NO_QUANTITY.includes(field)).toBe(true);
  });
});

test("units that are not ours do not pass", () => {
  for (const field of ["read_us", "read_nJ", "latency", "energy", "power_W", "area_um", "bits_x"])
    expect(saysItsUnit(field)).toBe(false);
});

test("the unit of a field", () => {
  expect(unitOf("read_pJ_per_B")).toBe("pJ_per_B");
  expect(unitOf("throughput_tokens_per_s")).toBe("tokens_per_s");
  expect(unitOf("columns_per_adc")).toBeUndefined();
  expect(unitOf("hop_ns")).toBe("ns");
  expect(unitOf("rows")).toBeUndefined();
});
