import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { referencePath, referenceText } from "../../scripts/write-reference.ts";
import { FORMATS, schemaPath, schemaText } from "../../scripts/write-schemas.ts";
import { loadJson } from "../workloads/load.ts";

const committed = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe.each(FORMATS)("$name", (format) => {
  test("the committed schema is what `npm run schema` writes", () => {
    expect(committed(schemaPath(format))).toBe(schemaText(format));
  });

  test("the schema is valid draft 2020-12 for a validator that knows no discriminators", () => {
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validateSchema(JSON.parse(schemaText(format)))).toBe(true);
  });
});

describe.each(FORMATS.filter(({ remarks }) => remarks.length > 0))("$name", (format) => {
  test("the committed reference page is what scripts/write-reference.ts writes", () => {
    expect(committed(referencePath(format))).toBe(referenceText(format));
  });
});

test.each([
  ["arch", "arch/hetero-pcm.json"],
  ["workload", "workloads/olmoe-1b-7b.json"],
])("an editor accepts a shipped file of format %s", (name, path) => {
  const ajv = new Ajv2020({ strict: false });
  const accepts = ajv.compile(JSON.parse(committed(`schema/${name}.schema.json`)));
  expect(accepts(loadJson(path))).toBe(true);
});
