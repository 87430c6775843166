/** What every matrix costs when it is analog: for strategies that choose by it. */
import { calibrateRanges } from "../accuracy/calibrate-ranges.ts";
import { predictRises } from "../accuracy/predict-rise.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Arch } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import { fisherInformation } from "../scoring/fisher.ts";
import { assembleDecoder } from "../transformer/assemble.ts";
import type { AccuracySettings } from "./accuracy-session.ts";
import { loadModelWeights } from "./model-weights.ts";
import { openEngine } from "./open-engine.ts";
import { startProgress } from "./progress.ts";
import { mobyDickText, openTokenizer } from "./texts.ts";

/** Calibration tokens that the curvature is taken from; half a minute for the shipped models. */
const FISHER_TOKENS = 8192;

/**
 * Predicted rise of the mean NLL of each matrix alone, in nats, right after programming, on the first
 * kind of tile; 0 for matrices that are digital in every placement.
 *
 * @throws InputError where there is nothing to run
 */
export async function predictedRises(
  folder: string | null,
  checkpoint: Checkpoint | null,
  workload: Workload,
  arch: Arch,
  {
    accuracy: { kernel, seed, context_tokens, noise_scale, quiet },
  }: {
    readonly accuracy: AccuracySettings;
  },
): Promise<readonly number[]> {
  const tile = arch.tiles[0];
  if (folder === null || checkpoint === null) throw nothing("no weights", "--checkpoint DIR");
  if (tile === undefined) throw nothing(`${arch.name}, which has no analog tiles`, "analog tiles");
  const { matrices: weights, ...others } = await loadModelWeights(checkpoint, workload);
  const { digital, attend } = await openEngine(kernel);
  const decoder = assembleDecoder(
    workload,
    { matrices: weights, ...others },
    (matrix, values) => digital(values, matrix.outputs, matrix.inputs),
    attend,
  );
  const limits = { context_tokens, text_tokens: Math.max(FISHER_TOKENS, context_tokens) };
  const { windows } = mobyDickText("calibration", openTokenizer(folder), workload, limits);
  const progress = startProgress("curvature", windows.length, quiet);
  try {
    const model = { decoder, weights, digital };
    const { matrices: curvature } = fisherInformation(model, windows, seed, progress.advance);
    const ranges = calibrateRanges(decoder, [tile], windows)[0]!;
    const curved = { matrices: weightMatrices(workload), weights, curvature };
    const rises = predictRises(curved, tile, ranges, noise_scale);
    return rises.map((rise) => rise?.total_nats ?? 0);
  } finally {
    progress.done();
  }
}

const nothing = (found: string, allowed: string): InputError =>
  new InputError("--placement", [
    { pointer: "", found: `a strategy that predicts the loss, and ${found}`, allowed },
  ]);
