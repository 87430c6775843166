import { type Workload, WorkloadSchema } from "../model/workload.ts";
import { parseWith } from "./validate.ts";
import { workloadChecks } from "./workload-checks.ts";

/**
 * Unknown -> a valid, frozen workload.
 *
 * @throws InputError with every issue
 */
export function parseWorkload(value: unknown, file: string): Workload {
  return parseWith(WorkloadSchema, value, file, workloadChecks);
}
