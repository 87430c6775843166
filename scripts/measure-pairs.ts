/**
 * How often the digital models are right on minimal pairs, by paradigm:
 *
 *     npx tsx scripts/measure-pairs.ts [FILE]
 */
import { readFileSync } from "node:fs";
import { sequenceLogProbabilities } from "../src/accuracy/answers.ts";
import { pairWindows, parsePairs } from "../src/accuracy/pairs.ts";
import { readModel } from "../src/cli/inputs.ts";
import { loadModelWeights, openFolder } from "../src/cli/model-weights.ts";
import { openTokenizer } from "../src/cli/texts.ts";
import { createEngine } from "../src/numerics/engines/index.ts";
import { assembleDecoder } from "../src/transformer/assemble.ts";
import { PAIRS_FILE } from "./pairs/generate.ts";

const file = process.argv[2] ?? PAIRS_FILE;
const pairs = parsePairs(file, readFileSync(file, "utf8"));
for (const model of ["tiny-olmoe", "tiny-deepseekmoe"]) {
  const { workload, checkpoint } = readModel(undefined, model);
  const weights = await loadModelWeights(await openFolder(checkpoint!, workload), workload);
  const { encode, startId } = openTokenizer(checkpoint!);
  const { digital, attend } = createEngine("wasm");
  const decoder = assembleDecoder(
    workload,
    weights,
    (m, w) => digital(w, m.outputs, m.inputs),
    attend,
  );
  const windows = pairWindows(file, pairs, encode, startId!, workload.vocabulary_tokens);
  const nats = sequenceLogProbabilities(decoder, windows);
  const right = pairs.map((_, p) => nats[2 * p]! > nats[2 * p + 1]!);
  const share = (of: readonly boolean[]): string =>
    `${of.filter(Boolean).length}/${of.length} = ${((100 * of.filter(Boolean).length) / of.length).toFixed(1)} %`;
  const tokens = windows.reduce((sum, w) => sum + w.tokens.length, 0);
  console.log(`\n${model}: ${share(right)} right, ${tokens} tokens`);
  for (const uid of new Set(pairs.map((pair) => pair.uid)))
    console.log(`| ${uid} | ${share(right.filter((_, p) => pairs[p]!.uid === uid))} |`);
}
