/** Routed experts: how often each is used, and where it is computed. */
import { decodeSteps, prefillGroup } from "../lowering/groups.ts";
import type { ExpertMap } from "../model/chip-use.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { createExpertChoice } from "./machine.ts";

/** Layers that have routed experts. */
export const expertLayers = ({ layers, dense_layers }: Workload): number[] =>
  Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => !dense_layers.includes(layer),
  );

/** Tokens of the run that the routing sends to each expert, before any limit. [layers][experts] */
export function expertLoad(workload: Workload, options: CostOptions): ExpertMap["load_tokens"] {
  const choose = createExpertChoice(workload, options);
  const chosen = new Int32Array(workload.moe.active_experts);
  const { batch, prefill_tokens, decode_tokens } = options;
  const layers = expertLayers(workload);
  const load = layers.map(() => new Array<number>(workload.moe.experts).fill(0));
  const groups = [
    ...(prefill_tokens > 0 ? [prefillGroup(batch, prefill_tokens)] : []),
    ...decodeSteps(batch, prefill_tokens, decode_tokens),
  ];
  for (const { tokens, address, sequence, length } of groups)
    layers.forEach((layer, i) => {
      for (let t = 0; t < tokens; t++) {
        choose(layer, address[t]!, chosen, sequence[t]!, length[t]! - 1);
        for (const expert of chosen) if (expert >= 0) load[i]![expert]!++;
      }
    });
  return load;
}

/** Share of each routed expert's weights that is computed digitally. [layers][experts] */
export function digitalByExpert(
  workload: Workload,
  matrices: readonly WeightMatrix[],
  { targets }: Placement,
): number[][] {
  const layers = expertLayers(workload);
  const row = new Map(layers.map((layer, i) => [layer, i]));
  const sums = () => layers.map(() => new Array<number>(workload.moe.experts).fill(0));
  const [all, digital] = [sums(), sums()];
  for (const { id, module, layer, expert, inputs, outputs } of matrices) {
    if (module !== "expert") continue;
    const i = row.get(layer)!;
    all[i]![expert]! += inputs * outputs;
    if (targets[id] === "digital") digital[i]![expert]! += inputs * outputs;
  }
  return all.map((own, i) => own.map((weights, e) => digital[i]![e]! / weights));
}
