/** A whole model: held-out text through tiny-olmoe, all digital and with every expert on crossbars. */
import { calibrateRanges } from "../src/accuracy/calibrate-ranges.ts";
import { createEvaluator, referenceLength } from "../src/accuracy/evaluator.ts";
import { readArch, readModel } from "../src/cli/inputs.ts";
import { loadModelWeights, openFolder } from "../src/cli/model-weights.ts";
import { mobyDickText, openTokenizer } from "../src/cli/texts.ts";
import { weightMatrices } from "../src/model/matrix.ts";
import { createEngine } from "../src/numerics/engines/index.ts";
import { assembleDecoder } from "../src/transformer/assemble.ts";

const TOKENS = 20_000;
const CONTEXT = 256;
/** Runs of each; the best counts. */
const RUNS = 3;

export interface ModelTimes {
  readonly tokens: number;
  readonly digital_s: number;
  /** One noise seed: programming of every expert, then the text. */
  readonly analog_s: number;
  /** The part of programming in it. */
  readonly programming_s: number;
}

/** Processor time on one core, without reading the model and without calibration. */
export async function timeModel(): Promise<ModelTimes> {
  const { workload, checkpoint } = readModel(undefined, "tiny-olmoe");
  const folder = checkpoint!;
  const weights = await loadModelWeights(await openFolder(folder, workload), workload);
  const tokenizer = openTokenizer(folder);
  const textOf = (role: "evaluation" | "calibration", text_tokens: number) =>
    mobyDickText(role, tokenizer, workload, { context_tokens: CONTEXT, text_tokens }).windows;
  const windows = textOf("evaluation", TOKENS);
  const { tiles } = readArch("hetero-pcm");
  const engine = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (matrix, w) => engine.digital(w, matrix.outputs, matrix.inputs),
    engine.attend,
  );
  const ranges = calibrateRanges(decoder, tiles, textOf("calibration", 4096));
  const reference = new Float32Array(referenceLength(workload, windows));
  const plan = { workload, weights, tiles, ranges, pairs: [], noise_scale: 1, age_s: 0 };
  const evaluator = createEvaluator({ ...plan, windows, reference }, engine);
  // A text of two tokens: what is left is programming.
  const two = [{ tokens: windows[0]!.tokens.slice(0, 2), firstRow: 0 }];
  const programming = createEvaluator({ ...plan, windows: two, reference }, engine);
  const tileKinds = Int32Array.from(weightMatrices(workload), ({ module }) =>
    module === "expert" ? 0 : -1,
  );
  return {
    tokens: windows.length * CONTEXT,
    digital_s: best(() => evaluator.scoreReference(0, windows.length)),
    analog_s: best((seed) => evaluator.scoreText({ tileKinds, seed })),
    programming_s: best((seed) => programming.scoreText({ tileKinds, seed })),
  };
}

function best(work: (seed: number) => unknown): number {
  let least_us = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    work(run);
    const { user, system } = process.cpuUsage(before);
    least_us = Math.min(least_us, user + system);
  }
  return least_us / 1e6;
}
