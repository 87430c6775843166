import type { ScoresFile } from "../../model/scores.ts";
import type { ExpertScores } from "../../placement/strategy.ts";
import { scoreSummary } from "../../scoring/weight-scores.ts";
import { WEIGHT_SCORES, weightScores } from "../expert-scores.ts";
import { writeWhole } from "../files.ts";
import { readModel } from "../inputs.ts";
import { openFolder } from "../model-weights.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";

/** `ohmoe score`: expert scores straight from a checkpoint, one matrix in memory at a time. */
export async function score(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const checkpointName = reader.text("checkpoint");
  if (checkpointName === undefined) reader.refuse("checkpoint", "a folder with weights");
  const downAxis = reader.oneOf("down_axis", ["column", "row"]);
  const asked = reader.texts("metric");
  const metrics =
    asked.length === 0 ? WEIGHT_SCORES : WEIGHT_SCORES.filter((m) => asked.includes(m));
  if (asked.some((metric) => !WEIGHT_SCORES.some((known) => known === metric)))
    reader.refuse("metric", `of ${WEIGHT_SCORES.join(", ")}`);
  const outputs = reader.texts("out");
  if (outputs.some((file) => !file.endsWith(".json")))
    reader.refuse("out", "names that end in .json");
  reader.check();
  const { workload, checkpoint: folder } = readModel(undefined, checkpointName);
  const checkpoint = await openFolder(folder!, workload);
  const quiet = options["quiet"] === true;
  const scores: Record<string, number[][]> = {};
  for (const metric of metrics) {
    const values = await weightScores(metric, checkpoint, { workload, downAxis, quiet });
    scores[metric] = values.map((ofLayer) => [...ofLayer]);
    if (!quiet) process.stdout.write(summaryTable(metric, values));
  }
  const file: ScoresFile = { format: "scores/1", name: workload.name, down_axis: downAxis, scores };
  for (const out of outputs) writeWhole(out, `${JSON.stringify(file)}\n`);
  return 0;
}

/** One line per layer: how far its experts are apart, and which lead. */
function summaryTable(metric: string, scores: ExpertScores): string {
  const lines = scoreSummary(scores).map(({ layer, min, mean, max, variation }) => {
    const numbers = [min, mean, max].map((value) => value.toPrecision(4).padStart(10)).join(" ");
    const spread = `${(variation * 100).toFixed(1)} %`.padStart(8);
    return `${String(layer).padStart(5)} ${numbers} ${spread}  ${leaders(scores[layer]!)}`;
  });
  const head = "layer        min       mean        max   spread  highest experts";
  return `${metric}\n${head}\n${lines.join("\n")}\n\n`;
}

const leaders = (scores: readonly number[]): string =>
  scores
    .map((score, expert) => ({ score, expert }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 4)
    .map(({ expert }) => expert)
    .join(" ");
