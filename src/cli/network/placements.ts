/** `--placement` of a network: strategies that need no expert, and files. */
import { existsSync } from "node:fs";
import { parseNetworkPlacement } from "../../input/parse-network-placement.ts";
import { InputError } from "../../model/issue.ts";
import type { Network } from "../../model/network.ts";
import type { NetworkMatrix } from "../../model/network-matrices.ts";
import type { Placement } from "../../model/placement.ts";
import { strategies, strategyNames } from "../../placement/index.ts";
import type { PlacementStrategy } from "../../placement/strategy.ts";
import { readJsonFile } from "../inputs.ts";

/** Strategies that decide by what a matrix is, and not by scores or shares of experts. */
const usable = strategyNames.filter((name) => {
  const { needs, takesFraction }: PlacementStrategy = strategies[name];
  return needs.length === 0 && !takesFraction;
});

/** @throws InputError for strategies that rank experts, and for wrong files */
export function networkPlacement(
  text: string,
  network: Network,
  matrices: readonly NetworkMatrix[],
  seed: number,
): Placement {
  if (/\.json$|[/\\]/.test(text) || existsSync(text)) {
    const placement = parseNetworkPlacement(readJsonFile(text), text, network);
    return { ...placement, name: text };
  }
  const known = usable.find((name) => name === text);
  if (known === undefined)
    throw new InputError("--placement", [
      {
        pointer: "",
        found: JSON.stringify(text),
        allowed: `the path of a placement JSON, or one of ${usable.join(", ")}`,
        hint: `${network.name} has no experts, so nothing that ranks them applies`,
      },
    ]);
  const problem = { matrices, fraction: 0, ranking: "layer", scores: {}, seed } as const;
  return { name: text, targets: strategies[known].place(problem) };
}
