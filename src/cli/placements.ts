/** `--placement`: strategies with or without a share, and files. */
import { existsSync } from "node:fs";
import { parsePlacement } from "../input/parse-placement.ts";
import { nearest } from "../input/wording.ts";
import { InputError } from "../model/issue.ts";
import type { Placement } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import type { Budget } from "../placement/budget.ts";
import { requiredRises } from "../placement/by-rise.ts";
import { type StrategyName, strategies, strategyNames } from "../placement/index.ts";
import type {
  Need,
  PlacementProblem,
  PlacementStrategy,
  ScoreName,
} from "../placement/strategy.ts";
import { EXAMPLE, isBudgeted, readBudgets } from "./budgets.ts";
import { readJsonFile } from "./inputs.ts";
import { type BudgetDesign, placeWithinBudgets } from "./within-budgets.ts";

/** A placement as asked for, before scores are known. */
export type PlacementRequest =
  | { readonly kind: "file"; readonly name: string; readonly placement: Placement }
  | {
      readonly kind: "strategy";
      readonly name: string;
      readonly strategy: PlacementStrategy;
      readonly fraction: number;
    }
  | { readonly kind: "budgets"; readonly name: string; readonly budgets: readonly Budget[] };

const refuse = (found: string, allowed: string, hint?: string): InputError =>
  new InputError("--placement", [
    { pointer: "", found: JSON.stringify(found), allowed, ...(hint ? { hint } : {}) },
  ]);

/** Reads one `--placement`. */
export function readPlacement(text: string, workload: Workload): PlacementRequest {
  if (isBudgeted(text)) return { kind: "budgets", name: text, budgets: readBudgets(text) };
  if (/\.json$|[/\\]/.test(text) || existsSync(text))
    return {
      kind: "file",
      name: text,
      placement: parsePlacement(readJsonFile(text), text, workload),
    };
  const [name, share, ...rest] = text.split(":");
  const known = strategyNames.find((s) => s === name);
  if (known === undefined || rest.length > 0) throw unknownStrategy(text, name ?? "");
  const strategy: PlacementStrategy = strategies[known];
  return { kind: "strategy", name: text, strategy, fraction: fractionOf(text, known, share) };
}

function unknownStrategy(text: string, name: string): InputError {
  const near = nearest(name, strategyNames);
  return refuse(
    text,
    `NAME, NAME:FRACTION or the path of a placement JSON; names: ${strategyNames.join(", ")}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

function fractionOf(text: string, name: StrategyName, share: string | undefined): number {
  const { takesFraction, fractionOf = "routed experts that are digital" }: PlacementStrategy =
    strategies[name];
  if (!takesFraction) {
    if (share === undefined) return 0;
    throw refuse(text, `${name} without a fraction`);
  }
  const fraction = share === undefined || share.trim() === "" ? Number.NaN : Number(share);
  if (fraction >= 0 && fraction <= 1) return fraction;
  const budgets = name === "optimal" ? `, or budgets: ${EXAMPLE}` : "";
  throw refuse(
    text,
    `${name}:FRACTION, the share of ${fractionOf}, from 0 to 1${budgets}`,
    fraction > 1 && fraction <= 100 ? `${fraction} % is ${name}:${fraction / 100}` : undefined,
  );
}

const NEEDS_OF_BUDGETS: readonly Need[] = ["predicted-rise"];

const needsOf = (requests: readonly PlacementRequest[]): readonly Need[] =>
  requests.flatMap((r) => {
    if (r.kind === "file") return [];
    return r.kind === "strategy" ? r.strategy.needs : NEEDS_OF_BUDGETS;
  });

/** Scores that the placements need, each once. */
export const scoresNeeded = (requests: readonly PlacementRequest[]): readonly ScoreName[] => [
  ...new Set(needsOf(requests).filter((need) => need !== "predicted-rise")),
];

/** Does a placement depend on what a matrix loses on the chip? */
export const needsRises = (requests: readonly PlacementRequest[]): boolean =>
  needsOf(requests).includes("predicted-rise");

/** Do some have budgets, and a solver has to be loaded? */
export const needsSolver = (requests: readonly PlacementRequest[]): boolean =>
  requests.some(({ kind }) => kind === "budgets");

/** What all placements of a comparison are decided by. */
export interface PlacementBasis extends Omit<PlacementProblem, "fraction"> {
  /** For budgets. */
  readonly design?: BudgetDesign;
}

/**
 * Decides one placement; what the strategy has to say about it goes to `tell`.
 *
 * @throws InputError where nothing keeps the budgets
 */
export function place(
  request: PlacementRequest,
  { design, ...basis }: PlacementBasis,
  tell: (text: string) => void,
): Placement {
  if (request.kind === "file") return { ...request.placement, name: request.name };
  if (request.kind === "budgets") {
    if (design === undefined) throw new Error("budgets without a chip to keep them on");
    const { name, budgets } = request;
    const { placement, explained } = placeWithinBudgets(
      name,
      budgets,
      requiredRises(basis),
      design,
    );
    tell(`${name}: ${explained}`);
    return placement;
  }
  const { strategy, fraction, name } = request;
  const problem = { ...basis, fraction };
  const explained = strategy.explain?.(problem);
  if (explained !== undefined) tell(`${name}: ${explained}`);
  return { name, targets: strategy.place(problem) };
}
