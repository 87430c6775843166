/** The cost part of a comparison, with its timeline if one is wanted. */
import { evaluateCost } from "../evaluate/cost.ts";
import type { Watch } from "../evaluate/machine.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { InputError } from "../model/issue.ts";
import type { Placement } from "../model/placement.ts";
import { isTimeline } from "./output.ts";
import type { Comparison } from "./prepare.ts";
import { startProgress } from "./progress.ts";
import type { Settings } from "./settings.ts";
import { openTimeline } from "./timeline-file.ts";

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

export const evaluateCosts = ({
  settings,
  arch,
  workload,
  placements,
}: Input): Promise<readonly CostEvaluation[]> =>
  evaluateEach(settings, placements, (placement, watch) =>
    evaluateCost(arch, workload, placement, settings.cost, watch),
  );

/** One placement after the other, with a timeline of all of them if one is wanted. */
export async function evaluateEach(
  { outputs, quiet }: Pick<Settings, "outputs" | "quiet">,
  placements: readonly Placement[],
  evaluate: (placement: Placement, watch: Watch | null) => CostEvaluation,
): Promise<readonly CostEvaluation[]> {
  const files = outputs.filter(isTimeline);
  const timeline = files.length === 0 ? null : openTimeline(files);
  const progress = startProgress("cost", placements.length, quiet);
  try {
    const costs = placements.map((placement) => {
      const cost = evaluate(placement, timeline?.begin(placement.name) ?? null);
      progress.advance();
      return cost;
    });
    const notice = (await timeline?.finish()) ?? null;
    if (notice !== null && !quiet) process.stderr.write(`timeline ${notice}\n`);
    return costs;
  } catch (error) {
    timeline?.discard();
    throw error;
  } finally {
    progress.done();
  }
}
