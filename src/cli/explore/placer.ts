/** Placements of points: some depend on the chip, and are decided anew for each. */
import { createMatrixRises } from "../../accuracy/surrogate.ts";
import type { EvaluatePlacement } from "../../evaluate/table-evaluation.ts";
import type { TableModel } from "../../evaluate/table-model.ts";
import type { Arch } from "../../model/arch.ts";
import { weightMatrices } from "../../model/matrix.ts";
import type { Placement } from "../../model/placement.ts";
import type { ProgrammeSolver } from "../../placement/integer-programme.ts";
import { needsRises, type PlacementBasis, type PlacementRequest, place } from "../placements.ts";
import { predictedRises } from "../predicted-rises.ts";
import type { Settings } from "../settings.ts";
import type { ExploreContext } from "./context.ts";

/** The chip that a placement is for, and how a run costs on it. */
interface Where {
  readonly arch: Arch;
  readonly table: TableModel;
  readonly costOf: EvaluatePlacement;
}

/** Decides placements of points; remembers what is known of the model. */
export function createPlacer(
  { workload, scores, sensitivities }: ExploreContext,
  solve: ProgrammeSolver | null,
): (request: PlacementRequest, settings: Settings, where: Where) => Placement {
  const matrices = weightMatrices(workload);
  const risesOf = sensitivities === null ? null : createMatrixRises(sensitivities);
  const designOf = ({ arch, table, costOf }: Where, { cost }: Settings): Partial<PlacementBasis> =>
    solve === null
      ? {}
      : {
          design: {
            arch,
            table: table.chip(arch),
            decode_steps: cost.decode_tokens,
            evaluate: (placement) => costOf(arch, placement),
            solve,
          },
        };
  return (request, settings, where) => {
    const { cost, ranking, accuracy } = settings;
    const basis = { matrices, scores, ranking, seed: cost.seed };
    if (sensitivities === null || risesOf === null || !needsRises([request]))
      return place(request, basis, () => {});
    const predictedRises_nats = predictedRises(sensitivities, where.arch, accuracy, risesOf);
    const design = request.kind === "budgets" ? designOf(where, settings) : {};
    return place(request, { ...basis, predictedRises_nats, ...design }, () => {});
  };
}
