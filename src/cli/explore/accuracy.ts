/** Accuracy of a point: measured on the noisy model, or predicted by the surrogate. */
import { calibrateRanges } from "../../accuracy/calibrate-ranges.ts";
import { createEvaluator, type MatrixRanges } from "../../accuracy/evaluator.ts";
import { type Estimate, evaluatePairs, evaluateText } from "../../accuracy/statistics.ts";
import { createAccuracySurrogate } from "../../accuracy/surrogate.ts";
import type { Arch } from "../../model/arch.ts";
import type { AccuracyEvaluation } from "../../model/evaluation.ts";
import type { AccuracySource } from "../../model/sweep.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import { requireNumerics } from "../../numerics/tile.ts";
import { assembleDecoder } from "../../transformer/assemble.ts";
import type { Decoder } from "../../transformer/decoder.ts";
import { hasAnalog } from "../accuracy-session.ts";
import { openEngine } from "../open-engine.ts";
import type { Settings } from "../settings.ts";
import type { ExploreContext, ModelContext } from "./context.ts";
import { recent } from "./recent.ts";

export interface PointAccuracy {
  readonly source: AccuracySource;
  readonly text: AccuracyEvaluation | null;
  readonly pairs: Estimate | null;
}

export const NO_ACCURACY: PointAccuracy = { source: "none", text: null, pairs: null };

/** @param tileKinds kind of tile of each matrix, -1: digital */
export type Measure = (arch: Arch, settings: Settings, tileKinds: Int32Array) => PointAccuracy;

/** Input ranges of so many different kinds of tiles are kept. */
const KEPT_RANGES = 8;

/** Predicted mean NLL of a point, in nats. */
export type Predict = (arch: Arch, settings: Settings, tileKinds: Int32Array) => number;

/** The all-digital model's loss on the text, and the surrogate's rise; null without one. */
export function createPredict({ model, sensitivities }: ExploreContext): Predict | null {
  if (model === null || sensitivities === null) return null;
  const surrogate = createAccuracySurrogate(sensitivities);
  const { nll_sum_nats, predictions } = model.digital;
  return (arch, { accuracy: { age_s, noise_scale } }, tileKinds) =>
    nll_sum_nats / predictions + surrogate(arch, tileKinds, age_s, noise_scale);
}

/** Measures in this thread; null without a model. */
export async function createMeasure({ workload, model }: ExploreContext): Promise<Measure | null> {
  if (model === null) return null;
  const engine = await openEngine(model.kernel);
  const decoder = assembleDecoder(
    workload,
    model.weights,
    (matrix, values) => engine.digital(values, matrix.outputs, matrix.inputs),
    engine.attend,
  );
  const rangesOf = createRanges(decoder, model);
  return (arch, settings, tileKinds) => {
    for (const kind of new Set(tileKinds)) if (kind >= 0) requireNumerics(arch.tiles[kind]!);
    const ranges = hasAnalog(tileKinds) ? rangesOf(arch) : [];
    return measure(model, engine, { arch, settings, tileKinds, ranges, decoder });
  };
}

/** Ranges depend on the text and on how a tile cuts and takes inputs. */
function createRanges(decoder: Decoder, { calibration }: ModelContext) {
  const known = recent(KEPT_RANGES, (_key, { tiles }: Arch) =>
    calibrateRanges(decoder, tiles, calibration),
  );
  return (arch: Arch): MatrixRanges => {
    const key = arch.tiles.map(({ crossbar, numerics }) => [crossbar, numerics.input_range]);
    return known(JSON.stringify(key), arch);
  };
}

interface Measurement {
  readonly arch: Arch;
  readonly settings: Settings;
  readonly tileKinds: Int32Array;
  readonly ranges: MatrixRanges;
  readonly decoder: Decoder;
}

function measure(
  { weights, windows, pairs, reference, digital }: ModelContext,
  engine: ReusableEngine,
  { arch, settings, tileKinds, ranges, decoder }: Measurement,
): PointAccuracy {
  const { noise_scale, age_s, seed, seeds } = settings.accuracy;
  const plan = {
    workload: decoder.workload,
    weights,
    tiles: arch.tiles,
    ranges,
    windows,
    pairs,
    reference,
    noise_scale,
    age_s,
  };
  const evaluator = createEvaluator(plan, engine);
  const isNoisy = hasAnalog(tileKinds);
  const tasks = Array.from({ length: isNoisy ? seeds : 1 }, (_, i) => ({
    tileKinds,
    seed: seed + i,
  }));
  try {
    const scores = isNoisy ? tasks.map(evaluator.scoreText) : [digital];
    return {
      source: "measured",
      text: evaluateText(scores),
      pairs: pairs.length === 0 ? null : evaluatePairs(tasks.map(evaluator.scorePairs)),
    };
  } finally {
    evaluator.dispose();
  }
}
