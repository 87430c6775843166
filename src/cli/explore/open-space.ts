/** A space file with everything that it names, ready to be evaluated. */
import { basename } from "node:path";
import { createEvaluator, referenceLength } from "../../accuracy/evaluator.ts";
import type { Checkpoint } from "../../checkpoint/checkpoint.ts";
import { rowColumns } from "../../explore/row.ts";
import { createSpace, type Space } from "../../explore/space.ts";
import type { Exploration } from "../../model/exploration.ts";
import { InputError } from "../../model/issue.ts";
import type { Sweep } from "../../model/sweep.ts";
import type { Workload } from "../../model/workload.ts";
import { assembleDecoder } from "../../transformer/assemble.ts";
import { unsupported } from "../../transformer/supported.ts";
import { prepareTexts } from "../accuracy-session.ts";
import type { AccuracySettings } from "../accuracy-settings.ts";
import { gatherScores } from "../expert-scores.ts";
import { sha256OfFiles, sha256OfValue } from "../hash.ts";
import { readModel, weightFiles } from "../inputs.ts";
import { loadModelWeights, openFolder } from "../model-weights.ts";
import { openEngine } from "../open-engine.ts";
import { needsRises, type PlacementRequest, scoresNeeded } from "../placements.ts";
import { modelSensitivities } from "../sensitivities.ts";
import type { Settings } from "../settings.ts";
import type { PreparedText } from "../texts.ts";
import { VERSION } from "../version.ts";
import { checkBase, placementRequests } from "./check-base.ts";
import type { ExploreContext, ModelContext } from "./context.ts";
import type { JournalHeader } from "./journal.ts";
import { offeredTiles } from "./offered-tiles.ts";
import { readBase, readSweep } from "./read-base.ts";
import { settingsOf } from "./run-options.ts";

export interface OpenedSpace {
  readonly space: Space;
  readonly context: ExploreContext;
  readonly header: JournalHeader;
  readonly inputs: Exploration["inputs"];
}

/** @throws InputError with what is wrong with the space or with a file that it names */
export async function openSpace(file: string, engine: string): Promise<OpenedSpace> {
  const sweep = readSweep(file);
  const space = createSpace(sweep, file);
  const base = readBase(sweep, file);
  const settings = checkedSettings(base.run, file);
  checkBase(space, base, file);
  const { workload, checkpoint: folder } = readModel(sweep.base.workload, sweep.base.checkpoint);
  const requests = placementRequests(space, base, workload);
  const checkpoint = folder === null ? null : await openFolder(folder, workload);
  requireModel(sweep, requests, file, folder, workload);
  const opened = await openModel(
    folder,
    checkpoint,
    workload,
    settings,
    needsModel(sweep, requests),
  );
  const sensitivities =
    opened === null ||
    folder === null ||
    checkpoint === null ||
    !(asksForPrediction(sweep) || needsRises(requests))
      ? null
      : await modelSensitivities(
          { folder, checkpoint, workload, ...settings.accuracy },
          offeredTiles(space, base, file),
        );
  const scores = await gatherScores(scoresNeeded(requests), {
    workload,
    scoresFile: settings.scoresFile,
    checkpoint,
    session: opened,
    downAxis: settings.downAxis,
    quiet: true,
  });
  const checkpoint_sha256 =
    folder === null || checkpoint === null ? null : sha256OfFiles(weightFiles(folder));
  const workload_sha256 = sha256OfValue(workload);
  const text_sha256 = opened?.text.sha256 ?? null;
  const arch_sha256 = sha256OfValue(base.arch);
  const space_sha256 = sha256OfValue({
    version: VERSION,
    sweep,
    base,
    workload_sha256,
    checkpoint_sha256,
    text_sha256,
  });
  return {
    space,
    context: {
      file,
      sweep,
      base,
      workload,
      scores,
      model: opened?.model ?? null,
      sensitivities,
      engine,
      space_sha256,
    },
    header: {
      schema: "journal/1",
      version: VERSION,
      name: space.name,
      space_sha256,
      workload_sha256,
      checkpoint_sha256,
      text_sha256,
      kernel: opened?.model.kernel ?? null,
      variables: space.variables.map(({ name }) => name),
      columns: rowColumns(space.variables, space.objectives),
    },
    inputs: {
      arch: { name: basename(sweep.base.arch), sha256: arch_sha256 },
      workload: { name: workload.name, sha256: workload_sha256 },
      checkpoint:
        folder === null || checkpoint_sha256 === null
          ? null
          : { name: basename(folder), sha256: checkpoint_sha256 },
      text: opened === null ? null : { name: opened.text.name, sha256: opened.text.sha256 },
    },
  };
}

function checkedSettings(run: Readonly<Record<string, unknown>>, file: string): Settings {
  try {
    return settingsOf(run, "table");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      file,
      error.issues.map((issue) => ({ ...issue, pointer: "/base/run" })),
    );
  }
}

const asksForAccuracy = ({ screening, survivors }: Sweep): boolean =>
  screening.accuracy !== "none" || (survivors !== undefined && survivors.accuracy !== "none");

const asksForPrediction = ({ screening, survivors }: Sweep): boolean =>
  screening.accuracy === "predicted" || survivors?.accuracy === "predicted";

/** Scores from activations need a forward pass, too. */
const needsModel = (sweep: Sweep, requests: readonly PlacementRequest[]): boolean =>
  asksForAccuracy(sweep) ||
  needsRises(requests) ||
  scoresNeeded(requests).some((name) => name.startsWith("activation"));

function requireModel(
  sweep: Sweep,
  requests: readonly PlacementRequest[],
  file: string,
  folder: string | null,
  workload: Workload,
): void {
  const predicts = needsRises(requests);
  if (!asksForAccuracy(sweep) && !predicts) return;
  const refuse = (found: string, allowed: string): InputError =>
    new InputError(file, [{ pointer: "/base/checkpoint", found, allowed }]);
  const instead = predicts ? "strategies that predict no loss" : '"accuracy": "none"';
  const what = predicts ? "a strategy that predicts the loss" : "accuracy asked for";
  if (folder === null) throw refuse(`no weights, and ${what}`, `a checkpoint, or ${instead}`);
  if (unsupported(workload).length > 0)
    throw refuse(
      `a model of the family ${workload.family}, which has no forward pass, and ${what}`,
      instead,
    );
}

type OpenedModel = {
  readonly model: ModelContext;
  readonly text: PreparedText;
  readonly calibration: PreparedText;
  readonly decoder: ReturnType<typeof assembleDecoder>;
};

async function openModel(
  folder: string | null,
  checkpoint: Checkpoint | null,
  workload: Workload,
  { accuracy }: { readonly accuracy: AccuracySettings },
  isNeeded: boolean,
): Promise<OpenedModel | null> {
  if (folder === null || checkpoint === null || !isNeeded) return null;
  const weights = await loadModelWeights(checkpoint, workload);
  const { text, calibration, pairs } = prepareTexts(folder, workload, accuracy);
  const engine = await openEngine(accuracy.kernel);
  const decoder = assembleDecoder(
    workload,
    weights,
    (matrix, values) => engine.digital(values, matrix.outputs, matrix.inputs),
    engine.attend,
  );
  const { windows } = text;
  const numbers = referenceLength(workload, windows);
  const reference = new Float32Array(new SharedArrayBuffer(4 * numbers));
  const plan = { workload, weights, tiles: [], ranges: [], windows, pairs, reference };
  const evaluator = createEvaluator({ ...plan, noise_scale: 1, age_s: 0 }, engine);
  const digital = evaluator.scoreReference(0, windows.length);
  evaluator.dispose();
  const model: ModelContext = {
    folder,
    weights,
    windows,
    pairs,
    calibration: calibration.windows,
    reference,
    digital,
    kernel: engine.name,
  };
  return { model, text, calibration, decoder };
}
