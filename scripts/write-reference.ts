/** Writes `docs/reference/{arch,workload,placement}.md` from the schemas: one table per object. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describeSchema, type SchemaNode } from "../src/input/describe-schema.ts";
import { UNIT_SUFFIXES, type UnitSuffix, unitOf } from "../src/units/suffix.ts";
import { type FileFormat, FORMATS, schemaPath } from "./write-schemas.ts";

/** Path of a reference page, from the root of the repository. */
export const referencePath = ({ name }: FileFormat): string => `docs/reference/${name}.md`;

/** Text of a reference page. */
export function referenceText(format: FileFormat): string {
  const root = format.schema as SchemaNode;
  const sections = objectsOf(root, "");
  return `${[
    `# ${format.title}: \`${format.format}\``,
    "",
    `<!-- Generated from ${schemaPath(format)} by scripts/write-reference.ts; edit the schema instead. -->`,
    "",
    `Machine-readable: [\`${schemaPath(format)}\`](../../${schemaPath(format)}). ` +
      "Unknown fields are errors. Fields marked with * are required. " +
      'Any object may carry a `"note"`, a comment that nothing reads.',
    ...format.remarks.flatMap((remark) => ["", remark]),
    ...sections.flatMap(sectionLines),
    "",
    ...unitLines(sections),
  ].join("\n")}\n`;
}

interface Section {
  /** JSON pointer with `[]` for array items; "" is the whole file. */
  readonly path: string;
  readonly kind: string | undefined;
  readonly schema: SchemaNode;
}

/** Every object of a schema, outer ones first; variants of a union are objects of their own. */
function objectsOf(schema: SchemaNode, path: string): Section[] {
  if (schema.items) return objectsOf(schema.items, `${path}[]`);
  if (schema.oneOf) return schema.oneOf.flatMap((variant) => objectsOf(variant, path));
  if (schema.anyOf) return schema.anyOf.flatMap((variant) => objectsOf(variant, path));
  if (!schema.properties) return [];
  const kind = schema.properties["kind"]?.const;
  const children = Object.entries(schema.properties).flatMap(([field, child]) =>
    objectsOf(child, `${path}/${field}`),
  );
  return [{ path, kind: kind === undefined ? undefined : String(kind), schema }, ...children];
}

function sectionLines({ path, kind, schema }: Section): string[] {
  const heading = path === "" ? "The file" : `\`${path}\``;
  const variant = kind === undefined ? "" : ` of kind \`${kind}\``;
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {})
    .filter(([field]) => field !== "note")
    .map(([field, child]) => {
      const star = required.has(field) ? "*" : "";
      const cells = [
        `\`${field}\`${star}`,
        allowedText(child),
        unitOf(field) ?? "",
        meaningOf(child),
      ];
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    });
  return [
    "",
    `## ${heading}${variant}`,
    "",
    "| field | allowed | unit | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
  ];
}

const allowedText = (schema: SchemaNode): string =>
  schema.type === "array" && schema.items
    ? `${describeSchema(schema)}: ${describeSchema(schema.items)}`
    : describeSchema(schema);

const meaningOf = (schema: SchemaNode): string =>
  schema.description ??
  [schema.items, ...(schema.anyOf ?? [])].find((inner) => inner?.description)?.description ??
  "";

/** The units that the page uses, spelled out. */
function unitLines(sections: readonly Section[]): string[] {
  const fields = sections.flatMap(({ schema }) => Object.keys(schema.properties ?? {}));
  const used = new Set(fields.flatMap((field) => unitOf(field)?.split("_per_") ?? []));
  const known = Object.keys(UNIT_SUFFIXES).filter((unit): unit is UnitSuffix => used.has(unit));
  if (known.length === 0) return [];
  return ["## Units", "", ...known.map((unit) => `- \`${unit}\`: ${UNIT_SUFFIXES[unit]}`)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const format of FORMATS) writeFileSync(referencePath(format), referenceText(format));
