/**
 * The public API. Values in, values out: no function here reads a file, a clock or a terminal.
 *
 * Everything else in the package is private and may change without notice.
 */
export { calibrateRanges } from "./accuracy/calibrate-ranges.ts";
export {
  type AccuracyPlan,
  type AccuracyTask,
  createEvaluator,
  type Evaluator,
  referenceLength,
} from "./accuracy/evaluator.ts";
export { evaluateText, pairedNll } from "./accuracy/statistics.ts";
export { prepareText, windowsOf } from "./accuracy/text.ts";
export { type Checkpoint, openCheckpoint } from "./checkpoint/checkpoint.ts";
export type { CheckpointFiles, RandomAccess } from "./checkpoint/random-access.ts";
export { createTokenizer, type Tokenizer } from "./checkpoint/tokenizer.ts";
export { componentSources } from "./cost/sources.ts";
export { evaluateCost } from "./evaluate/cost.ts";
export { importWorkload } from "./input/importers/index.ts";
export { parseArch } from "./input/parse-arch.ts";
export { parsePlacement } from "./input/parse-placement.ts";
export { parseReport } from "./input/parse-report.ts";
export { parseWorkload } from "./input/parse-workload.ts";
export { readJson } from "./input/read-json.ts";
export { mapPlacement } from "./mapping/map.ts";
export { matrixTileKinds } from "./mapping/tile-kinds.ts";
export type { Arch } from "./model/arch.ts";
export type { AccuracyEvaluation, CostEvaluation, TextScore } from "./model/evaluation.ts";
export { InputError, type Issue } from "./model/issue.ts";
export { matrixLabel, type WeightMatrix, weightMatrices } from "./model/matrix.ts";
export { countParameters } from "./model/parameters.ts";
export type { Placement, PlacementFile, Target } from "./model/placement.ts";
export type { Report, ReportRow } from "./model/report.ts";
export type { CostOptions, Level, Overflow, Routing } from "./model/run.ts";
export type { Workload } from "./model/workload.ts";
export { createEngine } from "./numerics/engines/index.ts";
export type { NativeProduct } from "./numerics/engines/native.ts";
export type { ReusableEngine } from "./numerics/engines/reusable.ts";
export { type ProgramRequest, programMatrix } from "./numerics/program.ts";
export { type StrategyName, strategies } from "./placement/index.ts";
export type { ExpertScores, PlacementProblem, PlacementStrategy } from "./placement/strategy.ts";
export { buildReport, type EvaluatedPlacement } from "./report/build.ts";
export { formats } from "./report/index.ts";
export { activationScores } from "./scoring/activation-scores.ts";
export { maxNeuronNormScores, routerNormScores } from "./scoring/weight-scores.ts";
export { assembleDecoder, type ModelWeights } from "./transformer/assemble.ts";
