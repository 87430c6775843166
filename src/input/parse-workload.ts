import { InputError } from "../model/issue.ts";
import { type Workload, WorkloadSchema } from "../model/workload.ts";
import { isNetwork } from "./parse-network.ts";
import { parseWith } from "./validate.ts";
import { workloadChecks } from "./workload-checks.ts";

/**
 * Unknown -> a valid, frozen workload.
 *
 * @throws InputError with every issue
 */
export function parseWorkload(value: unknown, file: string): Workload {
  if (isNetwork(value)) throw notADecoder(file);
  return parseWith(WorkloadSchema, value, file, workloadChecks);
}

const notADecoder = (file: string): InputError =>
  new InputError(file, [
    {
      pointer: "/format",
      found: '"network/1"',
      allowed: '"workload/1": a decoder with experts',
      hint: "networks of other kinds are for `ohmoe run` and `ohmoe compare`",
    },
  ]);
