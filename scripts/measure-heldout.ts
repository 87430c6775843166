/**
 * Compares a shipped checkpoint with the golden figures that need texts which are not shipped.
 *
 *     npx tsx scripts/measure-heldout.ts tiny-olmoe heldout-books.txt blimp-subset.jsonl
 *
 * Prints, beside the golden figure: the mean NLL of the first 20,000 tokens and of the whole file, how
 * often each expert was chosen, and the share of minimal pairs that are right.
 */
import { readFileSync } from "node:fs";
import { sequenceLogProbabilities } from "../src/accuracy/answers.ts";
import { pairScore, pairWindows, parsePairs } from "../src/accuracy/pairs.ts";
import { forEachPrediction } from "../src/accuracy/predictions.ts";
import { createTally } from "../src/accuracy/score-text.ts";
import { WINDOW_TOKENS, windowsOf } from "../src/accuracy/text.ts";
import { createTokenizer } from "../src/checkpoint/tokenizer.ts";
import { loadModelWeights, openFolder } from "../src/cli/model-weights.ts";
import { importWorkload } from "../src/input/importers/index.ts";
import { createWasmEngine } from "../src/numerics/engines/wasm.ts";
import { createActivationTally } from "../src/scoring/activation-scores.ts";
import { assembleDecoder } from "../src/transformer/assemble.ts";

const [model, textFile, pairsFile] = process.argv.slice(2);
if (pairsFile === undefined) {
  console.error("usage: measure-heldout.ts MODEL TEXT PAIRS.jsonl");
  process.exit(2);
}
const folder = `workloads/${model}`;
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const golden = json(`test/golden/models/${model}/golden.json`);
const workload = importWorkload(json(`${folder}/config.json`), "config.json", model!);
const weights = await loadModelWeights(await openFolder(folder, workload), workload);
const { digital, attend } = createWasmEngine();
const decoder = assembleDecoder(
  workload,
  weights,
  (m, w) => digital(w, m.outputs, m.inputs),
  attend,
);
const tokenizer = createTokenizer(
  `${folder}/tokenizer.json`,
  json(`${folder}/tokenizer.json`),
  json(`${folder}/tokenizer_config.json`),
);

measureText(readFileSync(textFile!, "utf8"));
measurePairs(readFileSync(pairsFile, "utf8"));

/** The file is prepared already, so it is encoded as it is. */
function measureText(text: string): void {
  const vocabulary = workload.vocabulary_tokens;
  const windows = windowsOf(textFile!, tokenizer.encode(text), WINDOW_TOKENS, vocabulary);
  const first = windows.slice(0, golden.heldout.windows);
  const rest = windows.slice(first.length);
  const tally = createTally(vocabulary, 0);
  const routing = createActivationTally(workload);
  const start = process.cpuUsage();
  forEachPrediction(decoder, first, tally.visit, routing.hooks);
  const { user, system } = process.cpuUsage(start);
  const part = tally.score();
  print(
    "NLL of the first 20k tokens",
    part.nll_sum_nats / part.predictions,
    golden.heldout.mean_nll,
  );
  print("predictions", part.predictions, golden.heldout.predictions);
  const tokens = first.length * WINDOW_TOKENS;
  const frequency = routing.scores()["activation-frequency"];
  for (const [layer, counts] of Object.entries(golden.expert_counts as Record<string, number[]>)) {
    const moved = counts.map((n, e) => Math.abs(n - frequency[Number(layer)]![e]! * tokens));
    print(`layer ${layer}: choices that differ`, moved.reduce((a, b) => a + b) / 2, 0);
  }
  console.log(
    `tokens per second of processor time: ${Math.round((tokens * 1e6) / (user + system))}`,
  );
  forEachPrediction(decoder, rest, tally.visit);
  const whole = tally.score();
  console.log(
    `NLL of the whole file: ${whole.nll_sum_nats / whole.predictions} (${whole.predictions} predictions)`,
  );
}

function measurePairs(text: string): void {
  const pairs = parsePairs(pairsFile!, text);
  const { encode } = tokenizer;
  const start = golden.blimp.prefix_id;
  const windows = pairWindows(pairsFile!, pairs, encode, start, workload.vocabulary_tokens);
  const sums = sequenceLogProbabilities(decoder, windows);
  const { correct } = pairScore(sums, 0);
  print("share of minimal pairs that are right", correct / pairs.length, golden.blimp.accuracy);
  for (const [uid, share] of Object.entries(golden.blimp.by_uid as Record<string, number>)) {
    const mine = pairs.flatMap((pair, p) => (pair.uid === uid ? [p] : []));
    const right = mine.filter((p) => sums[2 * p]! > sums[2 * p + 1]!).length;
    if (right / mine.length !== share) print(`  ${uid}`, right / mine.length, share);
  }
  const worst = (golden.blimp.first_pairs_logprob as number[][])
    .flat()
    .reduce((most, value, i) => Math.max(most, Math.abs(value - sums[i]!)), 0);
  print("largest difference of a sentence's log-probability", worst, 0);
}

function print(what: string, ours: number, theirs: number): void {
  console.log(`${what}: ${ours}, golden ${theirs}, difference ${(ours - theirs).toExponential(1)}`);
}
