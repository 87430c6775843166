import { InputError, type Issue } from "../model/issue.ts";
import type { Network } from "../model/network.ts";
import { networkMatrices } from "../model/network-matrices.ts";
import type { Placement, PlacementFile } from "../model/placement.ts";
import { parsePlacementFile } from "./parse-placement.ts";
import { ruleIssues } from "./placement-checks.ts";
import { resolvePlacement } from "./placement-rules.ts";

/**
 * Unknown -> a placement of a network's matrices, in the order of `networkMatrices(network)`.
 *
 * Copies of weights are named by the same rules as the weights, so they go where those go.
 *
 * @throws InputError with every issue, among them what only experts have
 */
export function parseNetworkPlacement(value: unknown, file: string, network: Network): Placement {
  const placement = parsePlacementFile(value, file);
  const matrices = networkMatrices(network);
  const shape = { layers: network.layers.length, moe: { experts: 1 } };
  const experts = expertIssues(placement);
  const issues =
    experts.length > 0
      ? experts
      : placement.rules.flatMap((rule, i) => ruleIssues(rule, `/rules/${i}`, matrices, shape));
  if (issues.length > 0) throw new InputError(file, issues);
  return resolvePlacement(placement, matrices);
}

function expertIssues({ rules, replicas, assignment }: PlacementFile): Issue[] {
  const issue = (pointer: string, found: string): Issue => ({
    pointer,
    found,
    allowed: "nothing: the network has no experts",
  });
  return [
    ...rules.flatMap(({ expert }, i) =>
      expert === undefined ? [] : [issue(`/rules/${i}/expert`, "a rule for experts")],
    ),
    ...(replicas === undefined ? [] : [issue("/replicas", "copies of experts")]),
    ...(assignment === undefined || assignment === "in-order"
      ? []
      : [issue("/assignment", `"${assignment}", by the use of experts`)]),
  ];
}
