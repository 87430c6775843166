import { InputError } from "../../model/issue.ts";
import { type Workload, WorkloadSchema } from "../../model/workload.ts";
import { parseWith } from "../validate.ts";
import { nearest, show } from "../wording.ts";
import { workloadChecks } from "../workload-checks.ts";
import { createConfigReader } from "./config-reader.ts";
import { importers, type ModelType, modelTypes } from "./table.ts";

export { importers, modelTypes } from "./table.ts";

/**
 * A Hugging Face `config.json` -> a workload.
 *
 * @param config the parsed file
 * @param name of the workload
 * @throws InputError for an unknown `model_type`, and for every field that is missing or wrong
 */
export function importWorkload(config: unknown, file: string, name: string): Workload {
  const fields = requireObject(config, file);
  const family = requireModelType(fields, file);
  const reader = createConfigReader(fields, file);
  const shape = importers[family].read(reader);
  reader.finish();
  const workload = {
    format: "workload/1",
    name,
    family,
    source: sourceOf(fields, family),
    ...shape,
  };
  return parseWith(WorkloadSchema, workload, `${file} (as a workload)`, workloadChecks);
}

function requireObject(config: unknown, file: string): Readonly<Record<string, unknown>> {
  if (typeof config === "object" && config !== null && !Array.isArray(config))
    return config as Record<string, unknown>;
  throw new InputError(file, [
    { pointer: "", found: show(config), allowed: "an object: a Hugging Face config.json" },
  ]);
}

function requireModelType(fields: Readonly<Record<string, unknown>>, file: string): ModelType {
  const found = Object.hasOwn(fields, "model_type") ? fields["model_type"] : undefined;
  const known = modelTypes.find((type) => type === found);
  if (known !== undefined) return known;
  const near = typeof found === "string" ? nearest(found, modelTypes) : undefined;
  const issue = { pointer: "/model_type", found: show(found), allowed: modelTypes.join(", ") };
  throw new InputError(file, [
    near === undefined ? issue : { ...issue, hint: `did you mean ${near}?` },
  ]);
}

/** The repository that a config names; a folder of somebody's machine says nothing to others. */
function sourceOf(fields: Readonly<Record<string, unknown>>, family: ModelType): string {
  const origin = fields["_name_or_path"];
  return typeof origin === "string" && /^\w[\w.-]*\/\w[\w.-]*$/.test(origin)
    ? `config.json of ${origin}`
    : `config.json, model_type ${family}`;
}
