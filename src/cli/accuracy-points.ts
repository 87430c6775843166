/** Accuracy of the placements under every condition that a run asks for. */
import { evaluateText } from "../accuracy/statistics.ts";
import type { Placement } from "../model/placement.ts";
import type { ReportAccuracyPoint } from "../model/report.ts";
import type { AccuracySession } from "./accuracy-session.ts";
import type { AccuracyCondition, AccuracySettings, PlacementScores } from "./accuracy-settings.ts";

/** Kind of tile of each matrix, a list per placement; null: not to be evaluated. */
export type PlacementTiles = readonly (Int32Array | null)[];
export type AllScores = readonly (PlacementScores | null)[];

/** Scores under one condition, in the order of the placements. */
export async function scoresAt(
  session: AccuracySession,
  tiles: PlacementTiles,
  condition: AccuracyCondition,
): Promise<AllScores> {
  const scores = await session.evaluate(
    tiles.filter((kinds) => kinds !== null),
    condition,
  );
  let next = 0;
  return tiles.map((kinds) => (kinds === null ? null : scores[next++]!));
}

/**
 * One point per placement and condition, the run's own condition included.
 *
 * @param own scores under the run's own condition
 * @returns nothing where a run has one condition only: its rows say the same
 */
export async function accuracyPoints(
  session: AccuracySession,
  placements: readonly Placement[],
  tiles: PlacementTiles,
  own: AllScores,
  { noise_scale, age_s, further }: AccuracySettings,
): Promise<readonly ReportAccuracyPoint[]> {
  if (further.length === 0) return [];
  const points = pointsOf(placements, own, { noise_scale, age_s });
  for (const condition of further)
    points.push(...pointsOf(placements, await scoresAt(session, tiles, condition), condition));
  return points;
}

function pointsOf(
  placements: readonly Placement[],
  scores: AllScores,
  condition: AccuracyCondition,
): ReportAccuracyPoint[] {
  return placements.flatMap(({ name }, i) => {
    const own = scores[i];
    if (!own) return [];
    const { nll_nats, nll_sem_nats, perplexity, perplexity_sem } = evaluateText(own.text);
    const figures = { nll_nats, nll_sem_nats, perplexity, perplexity_sem };
    return [{ placement: name, ...condition, ...figures }];
  });
}
