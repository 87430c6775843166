import { placementFileOf } from "../../input/placement-rules.ts";
import { weightMatrices } from "../../model/matrix.ts";
import type { ScoresFile } from "../../model/scores.ts";
import type { Workload } from "../../model/workload.ts";
import type { ExpertScores, ScoreName } from "../../placement/strategy.ts";
import { scoreSummary } from "../../scoring/weight-scores.ts";
import { normChange, WEIGHT_SCORES, type WeightScore, weightScores } from "../expert-scores.ts";
import { writeWhole } from "../files.ts";
import { readModel } from "../inputs.ts";
import { openFolder } from "../model-weights.ts";
import { type CommandOptions, createOptionReader, type OptionReader } from "../options.ts";
import { type PlacementRequest, place, readPlacement, scoresNeeded } from "../placements.ts";

/** Scores that come from weights alone; the last one from those of two checkpoints. */
const OFFERED = [...WEIGHT_SCORES, "router-norm-change"] as const satisfies readonly ScoreName[];
type Offered = (typeof OFFERED)[number];

/**
 * `ohmoe score`: expert scores straight from a checkpoint, one matrix in memory at a time; with
 * `--placement`, the placement that they lead to.
 */
export async function score(options: CommandOptions): Promise<number> {
  const settings = readScoreSettings(options);
  const { initialCheckpoint, downAxis, quiet, outputs } = settings;
  const { workload, checkpoint: folder } = readModel(undefined, settings.checkpoint);
  const request = readRequest(settings.placement, workload);
  const metrics = request === null ? settings.metrics : scoresNeeded([request]).filter(isOffered);
  const checkpoint = await openFolder(folder!, workload);
  const scores: Record<string, number[][]> = {};
  for (const metric of metrics) {
    const values =
      metric === "router-norm-change"
        ? await normChange({ checkpoint, initialCheckpoint, workload })
        : await weightScores(metric, checkpoint, { workload, downAxis, quiet });
    scores[metric] = values.map((ofLayer) => [...ofLayer]);
    if (!quiet) process.stdout.write(summaryTable(metric, values));
  }
  const file: ScoresFile = { format: "scores/1", name: workload.name, down_axis: downAxis, scores };
  const written = request === null ? file : placementOf(request, workload, scores, settings);
  for (const out of outputs) writeWhole(out, `${JSON.stringify(written)}\n`);
  return 0;
}

interface ScoreSettings {
  readonly checkpoint: string;
  readonly initialCheckpoint: string | undefined;
  readonly downAxis: "row" | "column";
  readonly metrics: readonly Offered[];
  readonly placement: string | undefined;
  readonly ranking: "layer" | "global";
  readonly seed: number;
  readonly outputs: readonly string[];
  readonly quiet: boolean;
}

function readScoreSettings(options: CommandOptions): ScoreSettings {
  const reader = createOptionReader(options);
  const checkpoint = reader.text("checkpoint");
  if (checkpoint === undefined) reader.refuse("checkpoint", "a folder with weights");
  const initialCheckpoint = reader.text("initial_checkpoint");
  const placement = reader.text("placement");
  const outputs = reader.texts("out");
  if (outputs.some((file) => !file.endsWith(".json")))
    reader.refuse("out", "names that end in .json");
  if (placement !== undefined && reader.texts("metric").length > 0)
    reader.refuse("metric", "either --metric or --placement");
  const settings: ScoreSettings = {
    checkpoint: checkpoint ?? "",
    ...{ initialCheckpoint, placement, outputs },
    downAxis: reader.oneOf("down_axis", ["column", "row"]),
    ranking: reader.oneOf("ranking", ["layer", "global"]),
    seed: reader.wholeNumber("seed", 0, 2 ** 32 - 1),
    metrics: readMetrics(reader, initialCheckpoint !== undefined),
    quiet: options["quiet"] === true,
  };
  reader.check();
  return settings;
}

const isOffered = (name: string): name is Offered => OFFERED.some((known) => known === name);

function readMetrics(reader: OptionReader, hasTwo: boolean): readonly Offered[] {
  const asked = reader.texts("metric");
  const offered: readonly Offered[] = hasTwo ? OFFERED : (WEIGHT_SCORES as readonly WeightScore[]);
  if (asked.some((metric) => !offered.some((known) => known === metric)))
    reader.refuse(
      "metric",
      `of ${offered.join(", ")}`,
      hasTwo ? undefined : "router-norm-change needs --initial_checkpoint",
    );
  return asked.length === 0 ? offered : offered.filter((metric) => asked.includes(metric));
}

/** A strategy that needs nothing but weights; null when none is asked for. */
function readRequest(text: string | undefined, workload: Workload): PlacementRequest | null {
  if (text === undefined) return null;
  const request = readPlacement(text, workload);
  const needs = request.kind === "strategy" ? request.strategy.needs : ["no file"];
  if (needs.every(isOffered)) return request;
  const reader = createOptionReader({ placement: text });
  reader.refuse(
    "placement",
    "a strategy that needs weights only, such as max-neuron-norm:0.25",
    "ohmoe compare takes every strategy, and its report has the placements",
  );
  reader.check();
  return null;
}

function placementOf(
  request: PlacementRequest,
  workload: Workload,
  scores: Readonly<Record<string, number[][]>>,
  { ranking, seed }: ScoreSettings,
) {
  const matrices = weightMatrices(workload);
  return placementFileOf(
    place(request, { matrices, scores, ranking, seed }, () => {}),
    matrices,
  );
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
