import type { ChipUse } from "../model/evaluation.ts";
import type { UseCount } from "./use.ts";

/** Dynamic energy of each phase, component by layer; null where layers were not told apart. */
export function layerRows(
  phases: readonly { readonly phase: "prefill" | "decode"; readonly use: UseCount | null }[],
): ChipUse["layers"] {
  const rows = phases.map(({ phase, use }) => ({ phase, energies: use?.layers_pJ() ?? null }));
  if (rows.some(({ energies }) => energies === null)) return null;
  return rows.map(({ phase, energies }) => {
    const components = [...new Set(energies!.flatMap((own) => [...own.keys()]))];
    return {
      phase,
      layers: energies!.map((_, i) => i - 1),
      components: components.map((component) => ({
        component,
        energy_pJ: energies!.map((own) => own.get(component) ?? 0),
      })),
    };
  });
}
