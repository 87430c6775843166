/**
 * `npm run bench -- --wide`: one layer of the width of OLMoE-1B-7B, layer by layer: peak memory.
 *
 * Writes a checkpoint of 805 MB (mostly a hole in the file) to the folder for temporary files.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { referenceLength } from "../src/accuracy/evaluator.ts";
import { createStreamEvaluator, streamRanges } from "../src/accuracy/stream-evaluator.ts";
import { readArch } from "../src/cli/inputs.ts";
import { openFolder, readNorms } from "../src/cli/model-weights.ts";
import { weightMatrices } from "../src/model/matrix.ts";
import { createEngine } from "../src/numerics/engines/index.ts";
import { wideWorkload, writeWideCheckpoint } from "../test/checkpoint/wide-checkpoint.ts";

const WINDOW = 128;

/** Scores a short text with every expert analog, and says what it took. */
export async function reportWide(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ohmoe-wide-"));
  try {
    const bytes = writeWideCheckpoint(folder);
    const workload = wideWorkload();
    const checkpoint = await openFolder(folder, workload);
    const source = {
      matrix: checkpoint.matrix,
      norms: (layer: number) => readNorms(checkpoint, workload, layer),
      finalNorm: () => checkpoint.vector("final-norm", -1),
    };
    const { tiles } = readArch("hetero-pcm");
    const engine = createEngine("wasm");
    const tokens = Int32Array.from({ length: WINDOW }, (_, i) => (i * 7) % 16);
    const windows = [{ tokens, firstRow: 0 }];
    const plan = { workload, tiles, windows, pairs: [], noise_scale: 1, age_s: 0 };
    const reference = new Float32Array(referenceLength(workload, windows));
    const began = process.cpuUsage();
    const ranges = await streamRanges(plan, source, engine, windows);
    const digital_B = peak_B();
    const evaluator = createStreamEvaluator({ ...plan, ranges, reference }, source, engine);
    const tileKinds = Int32Array.from(weightMatrices(workload), ({ module }) =>
      module === "expert" ? 0 : -1,
    );
    await evaluator.scoreText({ tileKinds, seed: 1 });
    const { user, system } = process.cpuUsage(began);
    return [
      `one layer of OLMoE-1B-7B, ${gigabytes(bytes)} on disk, ${gigabytes(2 * bytes)} as float32, ${WINDOW} tokens:`,
      `peak memory ${gigabytes(digital_B)} all digital, ${gigabytes(peak_B())} then with every expert on crossbars;`,
      `${((user + system) / 1e6).toFixed(0)} s of processor time for both`,
    ].join("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const peak_B = (): number => process.resourceUsage().maxRSS * 1024;
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
