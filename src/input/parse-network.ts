import { type Network, NetworkSchema } from "../model/network.ts";
import { networkChecks } from "./network-checks.ts";
import { parseWith } from "./validate.ts";

/** What the first field of a network file says. */
const FORMAT = "network/1";

/** Does a JSON value say that it is a network, and not a decoder with experts? */
export const isNetwork = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "format" in value && value.format === FORMAT;

/**
 * Unknown -> a valid, frozen network.
 *
 * @throws InputError with every issue, among them layers that read what is not there, windows
 *   larger than what they are on and sums of unlike shapes
 */
export function parseNetwork(value: unknown, file: string): Network {
  return parseWith(NetworkSchema, value, file, networkChecks);
}
