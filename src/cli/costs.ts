/** The cost part of a comparison, with its timeline if one is wanted. */
import { evaluateCost } from "../evaluate/cost.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { InputError } from "../model/issue.ts";
import { isTimeline } from "./output.ts";
import type { Comparison } from "./prepare.ts";
import { startProgress } from "./progress.ts";
import { openTimeline, type TimelineFiles } from "./timeline-file.ts";

type Input = Pick<Comparison, "settings" | "arch" | "workload" | "placements">;

/** @throws InputError if a timeline is wanted: nothing is scheduled */
export function noCosts({ settings, placements }: Input): readonly null[] {
  const file = settings.outputs.find(isTimeline);
  if (file !== undefined)
    throw new InputError("--out", [
      {
        pointer: "",
        found: `${file}, of a command that schedules nothing`,
        allowed: "timelines of `ohmoe run` and `ohmoe compare`",
      },
    ]);
  return placements.map(() => null);
}

export async function evaluateCosts(comparison: Input): Promise<readonly CostEvaluation[]> {
  const files = comparison.settings.outputs.filter(isTimeline);
  if (files.length === 0) return evaluateEach(comparison, null);
  const timeline = openTimeline(files);
  try {
    const costs = evaluateEach(comparison, timeline);
    const notice = await timeline.finish();
    if (notice !== null && !comparison.settings.quiet) process.stderr.write(`timeline ${notice}\n`);
    return costs;
  } catch (error) {
    timeline.discard();
    throw error;
  }
}

function evaluateEach(
  { settings, arch, workload, placements }: Input,
  timeline: TimelineFiles | null,
): readonly CostEvaluation[] {
  const progress = startProgress("cost", placements.length, settings.quiet);
  try {
    return placements.map((placement) => {
      const watch = timeline?.begin(placement.name) ?? null;
      const cost = evaluateCost(arch, workload, placement, settings.cost, watch);
      progress.advance();
      return cost;
    });
  } finally {
    progress.done();
  }
}
