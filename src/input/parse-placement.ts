import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import { type Placement, type PlacementFile, PlacementFileSchema } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import { replicaIssues, ruleIssues } from "./placement-checks.ts";
import { resolvePlacement } from "./placement-rules.ts";
import { parseWith } from "./validate.ts";

/**
 * Unknown -> a placement file whose form is right; no workload is needed.
 *
 * @throws InputError with every issue
 */
export function parsePlacementFile(value: unknown, file: string): PlacementFile {
  return parseWith(PlacementFileSchema, value, file, []);
}

/**
 * Unknown -> a placement of a workload's matrices, in the order of `weightMatrices(workload)`.
 *
 * @throws InputError with every issue, among them layers and experts that the workload lacks, and
 *   rules that match nothing
 */
export function parsePlacement(value: unknown, file: string, workload: Workload): Placement {
  const placement = parsePlacementFile(value, file);
  const matrices = weightMatrices(workload);
  const issues = [
    ...placement.rules.flatMap((rule, i) => ruleIssues(rule, `/rules/${i}`, matrices, workload)),
    ...replicaIssues(placement, workload),
  ];
  if (issues.length > 0) throw new InputError(file, issues);
  return resolvePlacement(placement, matrices);
}
