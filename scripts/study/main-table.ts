/** The goals of the placement study: what they ask for, what was measured, whether it is reached. */
import { estimate, pairedDifference } from "../../src/accuracy/statistics.ts";
import { GOALS, plain } from "./cells.ts";
import { percent, risesOf, section, significance, withError } from "./markdown.ts";
import type { Journal } from "./pool.ts";
import { GOAL_RULES } from "./rules.ts";
import { pairedRatio, removedMultiple, removedShare } from "./shares.ts";

/** Rules that are not this program's own. */
const RIVALS = Object.keys(GOAL_RULES).filter(
  (rule) => !["dense-digital", "optimal"].includes(rule) && !rule.startsWith("fisher-"),
);
/** What the choice over the whole model may leave, of what a choice among experts leaves. */
const MOST_LEFT = 1 / 1.2;

/** Least multiple of what max neuron norm removes. */
function goalOf(model: string, tile: string, share: number): number {
  if (model !== "tiny-olmoe") return 1.4;
  if (tile.startsWith("matrix")) return share === 0.25 ? 2.2 : 3.5;
  return share === 0.25 ? 1.45 : 1.7;
}

interface Case {
  readonly model: string;
  readonly label: string;
  readonly goal: number;
  /** Rises over seeds, by rule. */
  readonly of: (rule: string) => number[];
}

function casesOf(journal: Journal, models: readonly string[], seeds: number): Case[] {
  return models
    .flatMap((model) =>
      GOALS.map(([tile, share]) => ({
        model,
        label: `${tile}, ${percent(share)}`,
        goal: goalOf(model, tile, share),
        of: (rule: string) =>
          risesOf(
            journal,
            model,
            { ...plain, tile, rule, share: rule === "dense-digital" ? 0 : share },
            seeds,
          ),
      })),
    )
    .filter(({ of }) => Object.keys(GOAL_RULES).every((rule) => of(rule).length === seeds));
}

/** "= 0.02" or "< 1e-9" */
const asRelation = (p: number | null): string =>
  significance(p).startsWith("<") ? significance(p) : `= ${significance(p)}`;

const yes = (isReached: boolean): string => (isReached ? "yes" : "no");

/** Multiples of what max neuron norm removes, against their goals. */
function multipleTable(cases: readonly Case[]): string {
  const rows = cases.map(({ model, label, goal, of }) => {
    const dense = of("dense-digital");
    const removed = ({ share, sem }: { share: number; sem: number }): string =>
      `${share.toFixed(1)} ± ${sem.toFixed(1)}`;
    const times = (rule: string) => removedMultiple(dense, of("max-neuron-norm"), of(rule));
    return [
      model,
      label,
      removed(removedShare(dense, of("max-neuron-norm"))),
      removed(removedShare(dense, of("fisher-matrices"))),
      removed(removedShare(dense, of("optimal"))),
      withError(times("fisher-matrices")),
      withError(times("optimal")),
      goal,
      `${yes(times("fisher-matrices").value >= goal)}, ${yes(times("optimal").value >= goal)}`,
    ];
  });
  const head = [
    ...["model", "noise, digital", "max norm removes (%)", "fisher-matrices (%)", "optimal (%)"],
    ...["fisher-matrices / max norm", "optimal / max norm", "goal", "reached by them"],
  ];
  return section("### Share of the rise removed, and multiples of max neuron norm", head, rows);
}

/** Against the best of all single rules, which is known only after all have been measured. */
function bestRuleTable(cases: readonly Case[]): string {
  const rows = cases.flatMap(({ model, label, of }) => {
    const leaves = (rule: string): number => estimate(of(rule)).mean;
    const best = RIVALS.reduce((a, b) => (leaves(b) < leaves(a) ? b : a));
    const versus = (rule: string): string => {
      const { mean, sem, pValue } = pairedDifference(of(best), of(rule));
      return `${mean.toFixed(4)} ± ${(sem ?? 0).toFixed(4)} (p ${asRelation(pValue)})`;
    };
    const isNeverLess = ["fisher-matrices", "optimal"].every((rule) => leaves(rule) < leaves(best));
    const row = [model, label, best, leaves(best).toFixed(4)];
    return [[...row, versus("fisher-matrices"), versus("optimal"), yes(isNeverLess)]];
  });
  const head = [
    ...["model", "noise, digital", "best single rule", "leaves (nats)"],
    ...["fisher-matrices less that", "optimal less that", "both leave less"],
  ];
  return section("### Against the best single rule of each case", head, rows);
}

/** The choice over the whole model against choices among experts, at the same share of all weights. */
function wholeModelTable(cases: readonly Case[]): string {
  const rows = cases.map(({ model, label, of }) => {
    const left = (rule: string) => pairedRatio(of(rule), of("optimal"));
    const isReached = (rule: string): string => yes(left(rule).value <= MOST_LEFT);
    return [
      model,
      label,
      withError(left("fisher-experts")),
      isReached("fisher-experts"),
      withError(left("fisher-matrices")),
      isReached("fisher-matrices"),
    ];
  });
  const head = [
    ...["model", "noise, digital", "optimal / fisher-experts", "at most 1/1.2"],
    ...["optimal / fisher-matrices", "at most 1/1.2"],
  ];
  return section(
    "### Rise left by the choice over the whole model, at an equal share of digital weights",
    head,
    rows,
  );
}

export function mainTables(journal: Journal, models: readonly string[], seeds: number): string {
  const cases = casesOf(journal, models, seeds);
  const parts = [multipleTable(cases), bestRuleTable(cases), wholeModelTable(cases)];
  return parts.every((part) => part === "") ? "" : ["## Goals\n", ...parts].join("\n");
}
