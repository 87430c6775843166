import { InputError, mergeErrors } from "../../model/issue.ts";
import type { Network } from "../../model/network.ts";
import type { Settings } from "../settings.ts";

/**
 * Options that say nothing about a network without experts and weights.
 *
 * @throws InputError with all of them at once
 */
export function refuseUnusable(
  { checkpoint, recordRouting, scoresFile, initialCheckpoint, cost }: Settings,
  { name }: Network,
): void {
  const given: readonly (readonly [option: string, value: unknown])[] = [
    ["checkpoint", checkpoint],
    ["record-routing", recordRouting],
    ["scores", scoresFile],
    ["initial_checkpoint", initialCheckpoint],
    ["capacity_factor", cost.capacity_factor],
    ["profile", cost.profile && "a routing"],
    ["assignment", cost.assignment === "in-order" ? undefined : cost.assignment],
  ];
  const errors = given
    .filter(([, value]) => value !== undefined)
    .map(
      ([option, value]) =>
        new InputError(`--${option}`, [
          {
            pointer: "",
            found: JSON.stringify(value),
            allowed: `nothing: ${name} is a network without experts, and only its time, energy and area are evaluated`,
          },
        ]),
    );
  if (errors.length > 0) throw mergeErrors(errors);
}
