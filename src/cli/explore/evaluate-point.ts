/** One point at one stage -> its row. What goes wrong is a row with an error. */
import { evaluateCost } from "../../evaluate/cost.ts";
import { createTableEvaluator, type EvaluatePlacement } from "../../evaluate/table-evaluation.ts";
import { createTableModel, type TableModel } from "../../evaluate/table-model.ts";
import { type Point, valuesOf } from "../../explore/points.ts";
import { createResolver, type ResolvedPoint } from "../../explore/resolve.ts";
import {
  type PointResults,
  type PointStart,
  rowOfError,
  rowOfResults,
} from "../../explore/results.ts";
import type { PointRow } from "../../explore/row.ts";
import { createSpace, type Space } from "../../explore/space.ts";
import { parseArch } from "../../input/parse-arch.ts";
import type { Arch } from "../../model/arch.ts";
import { InputError } from "../../model/issue.ts";
import type { Placement } from "../../model/placement.ts";
import type { ReportRow } from "../../model/report.ts";
import type { CostOptions } from "../../model/run.ts";
import type { SweepStage } from "../../model/sweep.ts";
import type { Workload } from "../../model/workload.ts";
import { loadSolver, type ProgrammeSolver } from "../../placement/integer-programme.ts";
import { reportRow } from "../../report/build.ts";
import { tileKindsOf } from "../comparison.ts";
import { sha256, sha256OfValue } from "../hash.ts";
import { needsRises, needsSolver, readPlacement } from "../placements.ts";
import type { Settings } from "../settings.ts";
import {
  createMeasure,
  createPredict,
  type Measure,
  NO_ACCURACY,
  type Predict,
} from "./accuracy.ts";
import { placementRequests } from "./check-base.ts";
import type { ExploreContext } from "./context.ts";
import { createPlacer } from "./placer.ts";
import { recent } from "./recent.ts";
import { settingsOf } from "./run-options.ts";

/** What a point is, when its parts are checked. */
interface Parsed {
  readonly arch: Arch;
  readonly arch_sha256: string;
  readonly settings: Settings;
  readonly placement: Placement;
  readonly placement_sha256: string;
  readonly costOf: EvaluatePlacement;
}

/** How a run is evaluated. */
interface Costs {
  readonly table: TableModel;
  readonly costOf: EvaluatePlacement;
}

export interface PointTask extends Point {
  readonly stage: SweepStage;
}

export type EvaluatePoint = (task: PointTask) => PointRow;

/** Archs, options and placements that are kept for the points that share them. */
const KEPT = 64;

const settingsOfStage = ({ screening, survivors }: Space, stage: SweepStage) =>
  stage === "screening" ? screening : (survivors ?? screening);

/** What is known of a point before it is evaluated. */
export function startOf(
  context: ExploreContext,
  space: Space,
  { stage, index, levels }: PointTask,
): PointStart {
  return {
    point: pointId(context, space, levels),
    index,
    stage,
    level: settingsOfStage(space, stage).level,
    engine: context.engine,
    variables: valuesOf(space, levels),
  };
}

export async function createPointEvaluator(context: ExploreContext): Promise<EvaluatePoint> {
  const space = createSpace(context.sweep, context.file);
  const resolve = createResolver(space, context.base);
  const requests = placementRequests(space, context.base, context.workload);
  const solve = needsSolver(requests) ? await loadSolver() : null;
  const parse = createParser(context, space, solve);
  const measure = await createMeasure(context);
  const predict = createPredict(context);
  return (task) => {
    const { stage, levels } = task;
    const begin_ms = performance.now();
    const start = startOf(context, space, task);
    const wall_ms = (): number => Math.round((performance.now() - begin_ms) * 1000) / 1000;
    try {
      const parsed = parse(resolve(levels), stage);
      const { accuracy } = settingsOfStage(space, stage);
      const results = resultsOf(context, parsed, {
        measure: accuracy === "measured" ? measure : null,
        predict,
        isPredicted: accuracy === "predicted",
      });
      return rowOfResults(space, start, results, wall_ms());
    } catch (error) {
      return rowOfError(space, start, messageOf(error), wall_ms());
    }
  };
}

/** A user's values are at fault, or the program is. */
const messageOf = (error: unknown): string => {
  if (error instanceof InputError) return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
};

interface AccuracyOf {
  readonly measure: Measure | null;
  readonly predict: Predict | null;
  /** Does the prediction stand in for a measurement? */
  readonly isPredicted: boolean;
}

function resultsOf(
  { workload, model }: ExploreContext,
  { arch, arch_sha256, settings, placement, placement_sha256, costOf }: Parsed,
  { measure, predict, isPredicted }: AccuracyOf,
): PointResults {
  const cost = costOf(arch, placement);
  const asks = measure !== null || predict !== null;
  const kinds = asks && cost.feasible ? tileKindsOf(arch, workload, placement, settings) : null;
  const accuracy = measure && kinds ? measure(arch, settings, kinds) : NO_ACCURACY;
  const predicted_nll_nats = predict && kinds ? predict(arch, settings, kinds) : null;
  const report = reportRow({
    name: placement.name,
    cost,
    shares: {
      digital_parameters_frac: cost.digital_parameters_frac,
      digital_experts_frac: cost.digital_experts_frac,
    },
    accuracy: accuracy.text,
    pairs: accuracy.pairs,
    accuracyNote: null,
  });
  return {
    report: withPrediction(report, predicted_nll_nats, model, isPredicted),
    predicted_nll_nats,
    arch_sha256,
    placement_sha256,
  };
}

function withPrediction(
  report: ReportRow,
  nll_nats: number | null,
  model: ExploreContext["model"],
  isPredicted: boolean,
): ReportRow {
  if (nll_nats === null || model === null) return report;
  const { nll_sum_nats, predictions } = model.digital;
  const predicted_nll_rise_nats = nll_nats - nll_sum_nats / predictions;
  if (!isPredicted) return { ...report, predicted_nll_rise_nats };
  const perplexity = Math.exp(nll_nats);
  return { ...report, predicted_nll_rise_nats, nll_nats, perplexity, accuracy_source: "predicted" };
}

/** Hash of everything that the point's results depend on. */
function pointId({ space_sha256 }: ExploreContext, space: Space, levels: Point["levels"]): string {
  const values = space.variables.map(({ pointers, assigned }, v) => [
    pointers,
    assigned[levels[v]!],
  ]);
  return sha256(`${space_sha256} ${JSON.stringify(values)}`).slice(0, 32);
}

/** Archs, options and placements of points, each made once for the points that share them. */
function createParser(context: ExploreContext, space: Space, solve: ProgrammeSolver | null) {
  const { workload } = context;
  const archOf = recent(KEPT, (_key, value: unknown) => {
    const arch = parseArch(value, "arch");
    return { arch, arch_sha256: sha256OfValue(arch) };
  });
  const settingsFor = recent(
    KEPT,
    (_key, { run, level }: { run: ResolvedPoint["run"]; level: string }) => settingsOf(run, level),
  );
  const requestOf = recent(KEPT, (text, _: null) => readPlacement(text, workload));
  const decide = createPlacer(context, solve);
  const placementOf = recent(KEPT, (_key, make: () => Placement) => {
    const placement = make();
    return { placement, placement_sha256: sha256(placement.targets.join()) };
  });
  const costsOf = recent(KEPT, (_key, { cost }: Settings) => createCosts(workload, cost));
  return (
    { arch: value, run, placement: text, keys }: ResolvedPoint,
    stage: SweepStage,
  ): Parsed => {
    const { level } = settingsOfStage(space, stage);
    const runKey = `${level} ${keys.run}`;
    const settings = settingsFor(runKey, { run, level });
    const { arch, arch_sha256 } = archOf(keys.arch, value);
    const request = requestOf(text, null);
    const costs = costsOf(runKey, settings);
    // What predicts the loss, or keeps budgets, chooses anew for every chip and level.
    const chip = needsRises([request]) ? `${runKey} | ${keys.arch}` : keys.run;
    const decided = placementOf(`${chip} | ${text}`, () =>
      decide(request, settings, { arch, ...costs }),
    );
    return { arch, arch_sha256, settings, ...decided, costOf: costs.costOf };
  };
}

function createCosts(workload: Workload, cost: CostOptions): Costs {
  const table = createTableModel(workload, cost);
  const costOf: EvaluatePlacement =
    cost.level === "table"
      ? createTableEvaluator(workload, cost, table)
      : (chip, placement) => evaluateCost(chip, workload, placement, cost);
  return { table, costOf };
}
