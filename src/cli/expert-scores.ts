/** Expert scores for strategies: from a file, from weights, or from a calibration run. */

import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { parseScores } from "../input/parse-scores.ts";
import { InputError } from "../model/issue.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { ExpertScores, PlacementProblem, ScoreName } from "../placement/strategy.ts";
import { activationScores } from "../scoring/activation-scores.ts";
import { maxVarianceScores } from "../scoring/max-variance.ts";
import {
  maxNeuronNormScores,
  type NeuronAxis,
  routerNormScores,
} from "../scoring/weight-scores.ts";
import type { AccuracySession } from "./accuracy-session.ts";
import { readJsonFile } from "./inputs.ts";
import { openFolder } from "./model-weights.ts";
import { resolveCheckpoint } from "./presets.ts";
import { startProgress } from "./progress.ts";

/** Scores that need weights only. */
export const WEIGHT_SCORES = [
  "max-neuron-norm",
  "router-norm",
  "max-variance",
] as const satisfies readonly ScoreName[];
export type WeightScore = (typeof WEIGHT_SCORES)[number];

/** Where scores may come from. */
export interface ScoreSources {
  readonly workload: Workload;
  readonly scoresFile: string | undefined;
  readonly checkpoint: Checkpoint | null;
  /** What a calibration run needs. */
  readonly session:
    | (Pick<AccuracySession, "decoder" | "calibration"> & Partial<Pick<AccuracySession, "scores">>)
    | null;
  /** Folder of another checkpoint of the same model, from earlier in its training. */
  readonly initialCheckpoint?: string | undefined;
  readonly downAxis: NeuronAxis;
  readonly quiet: boolean;
}

/** Every score that is asked for; a file's scores win over those of the checkpoint. */
export async function gatherScores(
  names: readonly ScoreName[],
  sources: ScoreSources,
): Promise<PlacementProblem["scores"]> {
  const { scoresFile, workload } = sources;
  const fromFile: Readonly<Record<string, ExpertScores>> =
    scoresFile === undefined
      ? {}
      : parseScores(readJsonFile(scoresFile), scoresFile, workload).scores;
  const entries: [ScoreName, ExpertScores][] = [];
  for (const name of names) entries.push([name, fromFile[name] ?? (await computed(name, sources))]);
  return Object.fromEntries(entries);
}

async function computed(name: ScoreName, sources: ScoreSources): Promise<ExpertScores> {
  const { checkpoint, session } = sources;
  if (isWeightScore(name)) {
    if (checkpoint === null) throw needs(name, "the weights: --checkpoint DIR");
    return weightScores(name, checkpoint, sources);
  }
  if (name === "router-norm-change") return normChange(sources);
  if (session === null) throw needs(name, "a calibration run: --checkpoint DIR");
  if (name === "measured-sensitivity" || name === "forward-curvature") {
    if (session.scores === undefined) throw needs(name, "`ohmoe compare`, `run` or `accuracy`");
    return session.scores[name]();
  }
  return activationScores(session.decoder, session.calibration.windows)[name];
}

/** |change of the norm| of the router's row of every expert since another checkpoint. */
export async function normChange({
  checkpoint,
  initialCheckpoint,
  workload,
}: Pick<ScoreSources, "checkpoint" | "initialCheckpoint" | "workload">): Promise<ExpertScores> {
  if (checkpoint === null || initialCheckpoint === undefined)
    throw needs("router-norm-change", "two checkpoints: --checkpoint DIR --initial_checkpoint DIR");
  const matrices = weightMatrices(workload);
  const earlier = await openFolder(resolveCheckpoint(initialCheckpoint), workload);
  const before = await routerNormScores(earlier, matrices);
  const after = await routerNormScores(checkpoint, matrices);
  return after.map((norms, layer) => norms.map((x, e) => Math.abs(x - before[layer]![e]!)));
}

const isWeightScore = (name: ScoreName): name is WeightScore =>
  WEIGHT_SCORES.some((score) => score === name);

/** Streams a score from a checkpoint of any size. */
export async function weightScores(
  name: WeightScore,
  checkpoint: Checkpoint,
  { workload, downAxis, quiet }: Pick<ScoreSources, "workload" | "downAxis" | "quiet">,
): Promise<ExpertScores> {
  const matrices = weightMatrices(workload);
  if (name === "router-norm") return routerNormScores(checkpoint, matrices);
  if (name === "max-variance") return maxVarianceScores(checkpoint, matrices);
  const progress = startProgress("scores", PROGRESS_STEPS, quiet);
  let shown = 0;
  const onProgress = (done: number, total: number): void => {
    const steps = Math.floor((done / total) * PROGRESS_STEPS);
    progress.advance(steps - shown);
    shown = steps;
  };
  try {
    return await maxNeuronNormScores(checkpoint, matrices, { downAxis }, onProgress);
  } finally {
    progress.done();
  }
}

/** The bar counts shares of the weights. */
const PROGRESS_STEPS = 100;

const needs = (name: ScoreName, what: string): InputError =>
  new InputError("--placement", [
    {
      pointer: "",
      found: `${name}, which ranks experts, and nothing to rank them by`,
      allowed: `${what}, or scores: --scores FILE, or a placement: --placement FILE.json`,
    },
  ]);
