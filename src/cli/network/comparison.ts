/** `ohmoe run` and `ohmoe compare` of a network that is no decoder with experts. */
import { componentSources } from "../../cost/sources.ts";
import { chipOf } from "../../evaluate/floorplan.ts";
import { evaluateNetworkCost } from "../../evaluate/network-cost.ts";
import { digitalShares } from "../../evaluate/shares.ts";
import { isNetwork, parseNetwork } from "../../input/parse-network.ts";
import { withLayerCopies } from "../../mapping/network-copies.ts";
import type { Arch } from "../../model/arch.ts";
import type { CostEvaluation } from "../../model/evaluation.ts";
import type { Network } from "../../model/network.ts";
import { networkMatrices } from "../../model/network-matrices.ts";
import type { Report } from "../../model/report.ts";
import { buildReport, type EvaluatedPlacement } from "../../report/build.ts";
import { evaluateEach } from "../costs.ts";
import { isFolder } from "../files.ts";
import { readArch, readJsonFile } from "../inputs.ts";
import { resolvePreset } from "../presets.ts";
import type { Settings } from "../settings.ts";
import { networkFrame } from "./frame.ts";
import { networkPlacement } from "./placements.ts";
import { refuseUnusable } from "./settings.ts";

/** The network that `--workload` names; null if it names something else. */
export function readNetwork(workload: string | undefined): Network | null {
  if (workload === undefined) return null;
  const path = resolvePreset("--workload", "workloads", workload);
  if (isFolder(path)) return null;
  const value = readJsonFile(path);
  return isNetwork(value) ? parseNetwork(value, path) : null;
}

/** Further copies of weights that many positions wait for, on the crossbars of so many tiles. */
function withReplicas(network: Network, { tiles }: Arch, replica_tiles: number): Network {
  const [tile] = tiles;
  if (replica_tiles === 0 || tile === undefined) return network;
  return withLayerCopies(network, tile.crossbar, replica_tiles * tile.crossbar.tiers);
}

/** Time, energy and area of every placement. */
export async function compareNetwork(settings: Settings, own: Network): Promise<Report> {
  refuseUnusable(settings, own);
  const arch = readArch(settings.arch);
  const network = withReplicas(own, arch, settings.cost.replica_tiles ?? 0);
  const matrices = networkMatrices(network);
  const placements = settings.placements.map((text) =>
    networkPlacement(text, network, matrices, settings.cost.seed),
  );
  const costs = await evaluateEach(
    settings,
    placements,
    (placement, watch): CostEvaluation =>
      evaluateNetworkCost(arch, network, placement, settings.cost, watch),
  );
  const originals = matrices.filter(({ copy }) => copy === 0);
  const evaluated = placements.map((placement, i): EvaluatedPlacement => {
    const { parameters_frac, experts_frac } = digitalShares(originals, placement);
    return {
      name: placement.name,
      cost: costs[i]!,
      shares: { digital_parameters_frac: parameters_frac, digital_experts_frac: experts_frac },
      accuracy: null,
      pairs: null,
      accuracyNote: null,
    };
  });
  const frame = networkFrame(settings, arch, network, matrices, placements);
  return buildReport(frame, componentSources(arch), evaluated, {
    chip: chipOf(arch),
    matrices,
    experts: { layers: [], experts: 0, load_tokens: [], scores: [] },
  });
}
