/** One shipped model, with all that rules are given: from weights and calibration text alone. */
import { calibrateRanges } from "../../src/accuracy/calibrate-ranges.ts";
import { type AccuracyPlan, referenceLength } from "../../src/accuracy/evaluator.ts";
import { forwardCurvature } from "../../src/accuracy/forward-curvature.ts";
import { readModel } from "../../src/cli/inputs.ts";
import { loadModelWeights, openFolder } from "../../src/cli/model-weights.ts";
import { predictedRises } from "../../src/cli/predicted-rises.ts";
import { modelSensitivities, type SensitivitySource } from "../../src/cli/sensitivities.ts";
import { mobyDickText, openTokenizer, readPairs } from "../../src/cli/texts.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import type { ExpertScores } from "../../src/placement/strategy.ts";
import { activationScores } from "../../src/scoring/activation-scores.ts";
import { maxVarianceScores } from "../../src/scoring/max-variance.ts";
import { maxNeuronNormScores, routerNormScores } from "../../src/scoring/weight-scores.ts";
import { assembleDecoder } from "../../src/transformer/assemble.ts";
import { PAIRS_FILE } from "../pairs/generate.ts";
import { CHIP, TILES } from "./tiles.ts";
import type { StudySetup } from "./worker.ts";

const WINDOW_TOKENS = 256;
const CALIBRATION_TOKENS = 4096;
/** Calibration tokens on which single experts are measured. */
const SINGLE_TOKENS = 512;

export type Scores = Readonly<Record<string, ExpertScores>>;

export async function openStudyModel(name: string, tokens: number) {
  const { workload, checkpoint: folder } = readModel(undefined, name);
  const checkpoint = await openFolder(folder!, workload);
  const weights = await loadModelWeights(checkpoint, workload);
  const tokenizer = openTokenizer(folder!);
  const matrices = weightMatrices(workload);
  const textOf = (role: "evaluation" | "calibration", text_tokens: number) =>
    mobyDickText(role, tokenizer, workload, { context_tokens: WINDOW_TOKENS, text_tokens }).windows;
  const { digital, attend, vectors, fillNormals } = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (m, w) => digital(w, m.outputs, m.inputs),
    attend,
    vectors,
  );
  const calibration = textOf("calibration", CALIBRATION_TOKENS);
  const { tokens: _tokens, ...activations } = activationScores(decoder, calibration);
  const norms = (downAxis: "row" | "column") =>
    maxNeuronNormScores(checkpoint, matrices, { downAxis });
  const scores: Scores = {
    ...activations,
    "max-neuron-norm": await norms("column"),
    "max-neuron-norm-row": await norms("row"),
    "router-norm": await routerNormScores(checkpoint, matrices),
    "max-variance": await maxVarianceScores(checkpoint, matrices),
    "forward-curvature": forwardCurvature(
      { decoder, weights: weights.matrices, fillNormals },
      calibration.slice(0, 4),
      1,
    ),
  };
  const source: SensitivitySource = {
    ...{ folder: folder!, checkpoint, workload, context_tokens: WINDOW_TOKENS },
    ...{ seed: 1, kernel: "wasm" as const, jobs: 1, quiet: true },
  };
  const sensitivities = await modelSensitivities(source, TILES);
  const known = new Map<string, readonly number[]>();
  /** What strategies of the command line are given for a chip of such tiles. */
  const risesOf = (kind: number, age_s: number): readonly number[] => {
    const chip = { ...CHIP, tiles: [TILES[kind]!] };
    const key = `${kind} ${age_s}`;
    const rises = known.get(key) ?? predictedRises(sensitivities, chip, { noise_scale: 1, age_s });
    known.set(key, rises);
    return rises;
  };
  const ranges = calibrateRanges(decoder, TILES, calibration);
  const planOf = (
    windows: AccuracyPlan["windows"],
    pairs: AccuracyPlan["pairs"],
    referenceNumbers: number,
  ): AccuracyPlan => ({
    ...{ workload, weights, tiles: TILES, ranges, windows, pairs },
    ...{ noise_scale: 1, age_s: 0 },
    reference: new Float32Array(new SharedArrayBuffer(4 * referenceNumbers)),
  });
  const pairs = readPairs(PAIRS_FILE, tokenizer, workload);
  const singles = calibration.slice(0, SINGLE_TOKENS / WINDOW_TOKENS);
  const setup: StudySetup = {
    evaluation: planOf(textOf("evaluation", tokens), pairs, 0),
    calibration: planOf(singles, [], referenceLength(workload, singles)),
  };
  return { name, workload, matrices, scores, sensitivities, risesOf, setup };
}
export type StudyModel = Awaited<ReturnType<typeof openStudyModel>>;
