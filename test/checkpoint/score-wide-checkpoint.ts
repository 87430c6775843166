/** Run as a process of its own, so that its memory can be measured: scores the folder it is given. */
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { checkpointFiles } from "../../src/cli/files.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { maxNeuronNormScores } from "../../src/scoring/weight-scores.ts";
import { wideWorkload } from "./wide-checkpoint.ts";

const folder = process.argv[2]!;
const workload = wideWorkload();
const checkpoint = await openCheckpoint(checkpointFiles(folder), workload, "wide");
const started = performance.now();
const scores = await maxNeuronNormScores(checkpoint, weightMatrices(workload), {
  downAxis: "column",
});
const seconds = (performance.now() - started) / 1000;
const peak_B = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ scores, bytes: checkpoint.bytes, peak_B, seconds }));
