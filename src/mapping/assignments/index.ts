import type { AssignmentName } from "../../model/run.ts";
import type { AssignmentStrategy } from "../assignment.ts";
import { coActivation } from "./co-activation.ts";
import { inOrder } from "./in-order.ts";
import { leastUsed } from "./least-used.ts";
import { random } from "./random.ts";

/** Every way to assign tiles. The key is its name in placements and on the command line. */
export const assignments: Readonly<Record<AssignmentName, AssignmentStrategy>> = {
  "in-order": inOrder,
  random,
  "least-used": leastUsed,
  "co-activation": coActivation,
};
