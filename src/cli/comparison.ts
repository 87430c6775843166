/** One comparison from settings to report: the order of the steps, and nothing else. */
import { evaluatePairs, evaluateText, pairedNll } from "../accuracy/statistics.ts";
import { componentSources } from "../cost/sources.ts";
import { expertLayers, expertLoad } from "../evaluate/expert-load.ts";
import { chipOf } from "../evaluate/floorplan.ts";
import { digitalShares } from "../evaluate/shares.ts";
import { mapPlacement } from "../mapping/map.ts";
import { matrixTileKinds } from "../mapping/tile-kinds.ts";
import type { Arch } from "../model/arch.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { PairedDifference, Report, ReportAccuracyPoint } from "../model/report.ts";
import type { Workload } from "../model/workload.ts";
import { buildReport, type EvaluatedPlacement } from "../report/build.ts";
import type { ChipFrame } from "../report/chip-use.ts";
import { type AllScores, accuracyPoints, scoresAt } from "./accuracy-points.ts";
import type { AccuracyCondition, PlacementScores } from "./accuracy-settings.ts";
import { evaluateCosts, noCosts } from "./costs.ts";
import { writeWhole } from "./files.ts";
import { reportFrame } from "./frame.ts";
import { compareNetwork, readNetwork } from "./network/comparison.ts";
import { createPrediction, predictionNotes } from "./prediction.ts";
import { type Comparison, prepareComparison } from "./prepare.ts";
import type { Settings } from "./settings.ts";

/** @param withCost false: accuracy only, whether or not a placement fits the chip */
export async function compareAll(settings: Settings, withCost: boolean): Promise<Report> {
  const network = withCost ? readNetwork(settings.workload) : null;
  if (network !== null) return compareNetwork(settings, network);
  return evaluateComparison(await prepareComparison(settings), withCost);
}

/** The steps after the inputs are read. */
export async function evaluateComparison(
  comparison: Comparison,
  withCost: boolean,
): Promise<Report> {
  await recordRouting(comparison);
  const costs = withCost ? await evaluateCosts(comparison) : noCosts(comparison);
  const digital = await digitalScores(comparison);
  const { scores: measured, points } = await evaluateAccuracy(comparison, costs);
  const scores =
    digital === null
      ? measured
      : comparison.placements.map(({ targets }) => (targets.includes("analog") ? null : digital));
  const digital_nats = digital === null ? null : evaluateText(digital.text).nll_nats;
  const predict = createPrediction(comparison);
  const evaluated = comparison.placements.map((placement, i): EvaluatedPlacement => {
    const own = scores[i]!;
    const rise_nats = costs[i]?.feasible === false ? null : predict(placement);
    const predicted_nll_nats =
      own !== null || digital_nats === null || rise_nats === null ? null : digital_nats + rise_nats;
    const shares = digitalShares(weightMatrices(comparison.workload), placement);
    return {
      name: placement.name,
      cost: costs[i]!,
      shares: {
        digital_parameters_frac: costs[i]?.digital_parameters_frac ?? shares.parameters_frac,
        digital_experts_frac: costs[i]?.digital_experts_frac ?? shares.experts_frac,
      },
      accuracy: own === null ? null : evaluateText(own.text),
      predicted_nll_rise_nats: rise_nats,
      predicted_nll_nats,
      pairs: own === null || own.pairs.length === 0 ? null : evaluatePairs(own.pairs),
      accuracyNote:
        own === null && predicted_nll_nats === null ? whyNoAccuracy(comparison, costs[i]!) : null,
    };
  });
  const frame = reportFrame(comparison, pairs(comparison.placements, scores), withCost);
  const rangeNote = comparison.session?.rangeNote ?? null;
  frame.notes.push(
    ...(rangeNote === null ? [] : [rangeNote]),
    ...comparison.placementNotes,
    ...predictionNotes(comparison, evaluated),
  );
  if (points.length > 0) frame.accuracy_points = [...points];
  const sources = componentSources(comparison.arch);
  return buildReport(frame, sources, evaluated, withCost ? chipFrame(comparison) : null);
}

/** What all placements share of chip and experts. */
function chipFrame({ arch, workload, scores, settings }: Comparison): ChipFrame {
  const layers = expertLayers(workload);
  return {
    chip: chipOf(arch),
    matrices: weightMatrices(workload),
    experts: {
      layers,
      experts: workload.moe.experts,
      load_tokens: expertLoad(workload, settings.cost),
      scores: Object.entries(scores).map(([score, values]) => ({
        score,
        value: layers.map((layer) => Array.from(values?.[layer] ?? [])),
      })),
    },
  };
}

/** Writes the routing trace of the text, if one is wanted and there is a model to record it from. */
async function recordRouting({
  session,
  settings: { recordRouting: file },
}: Comparison): Promise<void> {
  if (file === undefined) return;
  if (session === null)
    throw new InputError("--record-routing", [
      {
        pointer: "",
        found: "no model that can run a text",
        allowed: "a checkpoint of a family with a forward pass",
      },
    ]);
  const lines = (await session.routing()).map((entry) => JSON.stringify(entry));
  writeWhole(file, `${lines.join("\n")}\n`);
}

/** Scores of each placement, null where accuracy is not measured; and those of further conditions. */
async function evaluateAccuracy(
  { session, source, arch, workload, placements, settings }: Comparison,
  costs: readonly (CostEvaluation | null)[],
): Promise<{ readonly scores: AllScores; readonly points: readonly ReportAccuracyPoint[] }> {
  if (session === null || source !== "measured")
    return { scores: placements.map(() => null), points: [] };
  const tiles = placements.map((placement, i) =>
    costs[i]?.feasible === false ? null : tileKindsOf(arch, workload, placement, settings),
  );
  const scores = await scoresAt(session, tiles, conditionOf(settings));
  const points = await accuracyPoints(session, placements, tiles, scores, settings.accuracy);
  return { scores, points };
}

const conditionOf = ({ accuracy: { noise_scale, age_s } }: Settings): AccuracyCondition => ({
  noise_scale,
  age_s,
});

/** The all-digital model, where that is what predictions start from. */
async function digitalScores({
  session,
  source,
  workload,
  settings,
}: Comparison): Promise<PlacementScores | null> {
  if (session === null || source !== "predicted") return null;
  const kinds = new Int32Array(weightMatrices(workload).length).fill(-1);
  return (await session.evaluate([kinds], conditionOf(settings)))[0]!;
}

/** As mapped; where a placement does not fit, every analog matrix on the first kind of tile. */
export function tileKindsOf(
  arch: Arch,
  workload: Workload,
  placement: Placement,
  { cost }: Settings,
): Int32Array | null {
  const mapped = mapPlacement(arch, weightMatrices(workload), placement, cost.overflow);
  if (mapped.feasible) return matrixTileKinds(mapped.mapping);
  if (arch.tiles.length === 0) return null;
  return Int32Array.from(placement.targets, (target) => (target === "analog" ? 0 : -1));
}

function whyNoAccuracy(
  { folder, workload, arch, session, settings }: Comparison,
  cost: CostEvaluation | null,
): string {
  if (folder === null) return "accuracy was not evaluated: no weights (--checkpoint)";
  if (session === null)
    return `accuracy was not evaluated: no forward pass for the family ${workload.family}`;
  if (settings.accuracy.source === "none") return "accuracy was not evaluated: --accuracy none";
  if (cost?.feasible === false) return "accuracy was not evaluated: the placement does not fit";
  return `accuracy was not evaluated: ${arch.name} has no analog tiles`;
}

/** Every two placements, where at least one of them is noisy. */
function pairs(
  placements: readonly Placement[],
  scores: readonly (PlacementScores | null)[],
): PairedDifference[] {
  return placements.flatMap((a, i) =>
    placements.slice(i + 1).flatMap((b, j) => {
      const [first, second] = [scores[i]!, scores[i + 1 + j]!];
      if (!first || !second) return [];
      const { mean, sem, pValue, seedsNeeded } = pairedNll(first.text, second.text);
      return {
        placement: b.name,
        versus: a.name,
        nll_difference_nats: mean,
        nll_difference_sem_nats: sem,
        p_value: pValue,
        significant: pValue !== null && pValue < 0.05,
        ...(sem !== null && { seeds_needed: seedsNeeded }),
      };
    }),
  );
}
