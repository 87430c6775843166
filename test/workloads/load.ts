import { readFileSync } from "node:fs";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import { readJson } from "../../src/input/read-json.ts";
import type { Workload } from "../../src/model/workload.ts";

const root = new URL("../../", import.meta.url);

/** A JSON file of the repository. */
export function loadJson(path: string): unknown {
  return readJson(readFileSync(new URL(path, root)), path);
}

/** A shipped workload. */
export function loadWorkload(name: string): Workload {
  const path = `workloads/${name}.json`;
  return parseWorkload(loadJson(path), path);
}
