import { hubNode } from "../mapping/position.ts";
import type { Part, WeightMatrix } from "../model/matrix.ts";

/** Ids of the matrices of one gated feed-forward network. */
export interface GatedIds {
  readonly gate: number;
  readonly up: number;
  readonly down: number;
}

/** Ids of the matrices of one layer, and where its residual stream lives. */
export interface LayerPlan {
  readonly layer: number;
  readonly hub: number;
  readonly attention: Readonly<Partial<Record<Part, number>>>;
  readonly router: number | undefined;
  readonly sharedGate: number | undefined;
  /** Empty in dense layers. */
  readonly experts: readonly GatedIds[];
  readonly shared: GatedIds | null;
  readonly dense: GatedIds | null;
}

/** Sorts the matrices of a workload by layer and role. */
export function planLayers(
  matrices: readonly WeightMatrix[],
  layers: number,
  mesh: { readonly hub_nodes: readonly number[] },
): readonly LayerPlan[] {
  const byLayer = Array.from({ length: layers }, (): WeightMatrix[] => []);
  for (const matrix of matrices) byLayer[matrix.layer]?.push(matrix);
  return byLayer.map((own, layer) => {
    const of = (module: WeightMatrix["module"]) => own.filter((m) => m.module === module);
    const router = of("router");
    return {
      layer,
      hub: hubNode(mesh, layer),
      attention: Object.fromEntries(of("attention").map(({ part, id }) => [part, id])),
      router: router.find(({ part }) => part === "weight")?.id,
      sharedGate: router.find(({ part }) => part === "shared_gate")?.id,
      experts: gatedNetworks(of("expert")),
      shared: gatedNetworks(of("shared"))[0] ?? null,
      dense: gatedNetworks(of("dense"))[0] ?? null,
    };
  });
}

/** Matrices come as gate, up, down of one network after the other. */
function gatedNetworks(matrices: readonly WeightMatrix[]): GatedIds[] {
  const networks: GatedIds[] = [];
  for (let i = 0; i + 2 < matrices.length; i += 3)
    networks.push({ gate: matrices[i]!.id, up: matrices[i + 1]!.id, down: matrices[i + 2]!.id });
  return networks;
}
