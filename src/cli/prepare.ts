/** The first steps of a comparison: inputs, scores, placements. */
import type { AccuracySensitivities } from "../accuracy/surrogate.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { evaluateCost } from "../evaluate/cost.ts";
import { createTableModel } from "../evaluate/table-model.ts";
import type { Arch } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { AccuracySource } from "../model/sweep.ts";
import type { Workload } from "../model/workload.ts";
import { loadSolver } from "../placement/integer-programme.ts";
import { unsupported } from "../transformer/supported.ts";
import { type AccuracySession, openAccuracySession } from "./accuracy-session.ts";
import { gatherScores } from "./expert-scores.ts";
import { readArch, readModel } from "./inputs.ts";
import { openFolder } from "./model-weights.ts";
import {
  needsRises,
  needsSolver,
  type PlacementBasis,
  place,
  readPlacement,
  scoresNeeded,
} from "./placements.ts";
import { predictedRises, requireSensitivities } from "./predicted-rises.ts";
import type { Settings } from "./settings.ts";
import { openStreamSession, readsLayerByLayer } from "./stream-session.ts";
import type { BudgetDesign } from "./within-budgets.ts";

/** Everything that the steps work on. */
export interface Comparison {
  readonly settings: Settings;
  readonly arch: Arch;
  readonly workload: Workload;
  readonly folder: string | null;
  readonly session: AccuracySession | null;
  /** Where the accuracy of what is analog comes from. */
  readonly source: AccuracySource;
  readonly placements: readonly Placement[];
  /** What strategies have to say about their choice, such as a bound of what is better. */
  readonly placementNotes: readonly string[];
  /** For predictions of the loss; null where nothing asked for them. */
  readonly sensitivities: AccuracySensitivities | null;
  /** Expert scores that the strategies asked for. */
  readonly scores: PlacementBasis["scores"];
}

export async function prepareComparison(settings: Settings): Promise<Comparison> {
  const arch = readArch(settings.arch);
  const { workload, checkpoint: folder } = readModel(settings.workload, settings.checkpoint);
  const requests = settings.placements.map((text) => readPlacement(text, workload));
  const checkpoint = folder === null ? null : await openFolder(folder, workload);
  const session = await openSession(folder, checkpoint, workload, arch, settings);
  const source = accuracySource(settings, session, workload, arch);
  const { scoresFile, initialCheckpoint, downAxis, quiet } = settings;
  const given = { scoresFile, initialCheckpoint, downAxis, quiet };
  const sources = { workload, checkpoint, session, ...given };
  const scores = await gatherScores(scoresNeeded(requests), sources);
  const matrices = weightMatrices(workload);
  const predicts = needsRises(requests) || source === "predicted";
  const sensitivities = predicts
    ? await requireSensitivities(folder, checkpoint, workload, arch, settings.accuracy)
    : null;
  const basis: PlacementBasis = {
    matrices,
    scores,
    ranking: settings.ranking,
    seed: settings.cost.seed,
    ...(sensitivities !== null && {
      predictedRises_nats: predictedRises(sensitivities, arch, settings.accuracy),
    }),
  };
  const placementNotes: string[] = [];
  const design = needsSolver(requests) ? await budgetDesign(arch, workload, settings) : null;
  const all = design === null ? basis : { ...basis, design };
  const placements = requests.map((request) =>
    place(request, all, (text) => placementNotes.push(text)),
  );
  return {
    ...{ settings, arch, workload, folder, session, source, placements, placementNotes },
    ...{ scores, sensitivities },
  };
}

/**
 * As asked for; else measured, or predicted at level `table` where that can be.
 *
 * @throws InputError if a prediction is asked for that nothing can be made from
 */
function accuracySource(
  { accuracy, cost }: Settings,
  session: AccuracySession | null,
  workload: Workload,
  { tiles }: Arch,
): AccuracySource {
  if (session === null && accuracy.source === "predicted")
    throw new InputError("--accuracy", [
      {
        pointer: "",
        found: "predicted, and no model that can run a text",
        allowed: "a checkpoint of a family with a forward pass",
      },
    ]);
  if (session === null || accuracy.source === "none") return "none";
  if (tiles.length === 0) return "measured";
  const isLarge = readsLayerByLayer(workload, accuracy);
  const source = accuracy.source ?? (cost.level === "table" && !isLarge ? "predicted" : "measured");
  if (source === "predicted" && accuracy.further.length > 0)
    throw new InputError("--accuracy", [
      {
        pointer: "",
        found: accuracy.source ?? "predicted, the default at level table",
        allowed: "measured, where there are several ages or noise scales",
      },
    ]);
  return source;
}

/** Budgets are kept as this run evaluates costs. */
async function budgetDesign(
  arch: Arch,
  workload: Workload,
  { cost }: Settings,
): Promise<BudgetDesign> {
  const options = { ...cost, explain: false, detail: false };
  return {
    arch,
    table: createTableModel(workload, options).chip(arch),
    decode_steps: cost.decode_tokens,
    evaluate: (placement) => evaluateCost(arch, workload, placement, options),
    solve: await loadSolver(),
  };
}

/** A family without a forward pass is costed all the same; its weights still give scores. */
async function openSession(
  folder: string | null,
  checkpoint: Checkpoint | null,
  workload: Workload,
  arch: Arch,
  { accuracy }: Settings,
): Promise<AccuracySession | null> {
  if (folder === null || checkpoint === null || unsupported(workload).length > 0) return null;
  const open = readsLayerByLayer(workload, accuracy) ? openStreamSession : openAccuracySession;
  return open(folder, checkpoint, workload, arch, accuracy);
}
