/** What the study measures: every cell has a name, under which the journal keeps it. */
import type { Effect } from "../../src/numerics/effects.ts";
import { CHOOSING, GOAL_RULES, MODULE_RULES } from "./rules.ts";
import { MATRIX_PERCENTS, PCM_SCALES } from "./tiles.ts";
import type { Measure } from "./worker.ts";

export interface Cell {
  readonly measure: Measure;
  readonly tile: string;
  readonly rule: string;
  /** Share of the expert weights that is digital. */
  readonly share: number;
  readonly age_s: number;
  /** Converters only, or everything. */
  readonly effects: "all" | "converters";
}

export interface Extent {
  readonly quick: boolean;
  /** Paired seeds of the goal table, and of the other tables. */
  readonly goalSeeds: number;
  readonly seeds: number;
}

/** Everything but rounding and clipping of DAC and ADC. */
export const NOT_CONVERTERS: readonly Effect[] = [
  "levels",
  "programming",
  "faults",
  "ageing",
  "output_noise",
  "read_noise",
  "ir_drop",
  "circuit",
];

/** Cases of the goal table: tile and share of the expert weights that is digital. */
export const GOALS: readonly (readonly [tile: string, share: number])[] = [
  ["matrix-10", 0.25],
  ["matrix-10", 0.125],
  ["channel-10", 0.25],
  ["channel-10", 0.125],
  ["pcm-2.5", 0.25],
  ["pcm-1.5", 0.125],
];
export const SHARES = [0.125, 0.25, 0.5] as const;
export const AGES_s = [1, 60, 3600, 86400, 2592000, 31536000] as const;
export const DRIFT_RULES: readonly (readonly [rule: string, share: number])[] = [
  ["dense-digital", 0],
  ["max-neuron-norm", 0.25],
  ["fisher-matrices", 0.25],
];

/** Rules whose tolerated noise is compared. */
export const TOLERANCE_RULES = [
  "random",
  "max-neuron-norm",
  "activation-weight",
  "fisher-experts",
  "fisher-matrices",
] as const;

export const plain = { measure: "nll", age_s: 0, effects: "all" } as const;

/** Cells with their number of seeds. */
export type Cells = readonly (readonly [Cell, seeds: number])[];

/** In two parts: the comparison of rules, then everything else. */
export function cellsOf({ quick, goalSeeds, seeds }: Extent): readonly [Cells, Cells] {
  const few = <T>(all: readonly T[], some: readonly T[]): readonly T[] => (quick ? some : all);
  const fewRules = ["random", "max-neuron-norm", "fisher-matrices"];
  const ofRules = (tile: string, share: number, rules: readonly string[], count: number): Cells =>
    rules.map((rule) => [
      { ...plain, tile, rule, share: rule === "dense-digital" ? 0 : share },
      count,
    ]);
  const goalRules = few(Object.keys(GOAL_RULES), ["dense-digital", ...fewRules, "optimal"]);
  const goal = few(GOALS, GOALS.slice(2, 3)).flatMap(([tile, share]) =>
    ofRules(tile, share, goalRules, goalSeeds),
  );
  const sweep = (tile: string, shares: readonly number[], rules: readonly string[]): Cells => [
    ...ofRules(tile, 0, ["dense-digital"], seeds),
    ...shares.flatMap((share) => ofRules(tile, share, rules, seeds)),
  ];
  const gridRules = few(Object.keys(CHOOSING), fewRules);
  const grid = few(PCM_SCALES, [2.5]).flatMap((c) =>
    sweep(`pcm-${c}`, few(SHARES, [0.25]), gridRules),
  );
  const tolerance = few(MATRIX_PERCENTS, []).flatMap((percent) =>
    sweep(`matrix-${percent}`, SHARES, TOLERANCE_RULES),
  );
  const modules = ofRules("chip", 0, few(Object.keys(MODULE_RULES), []), seeds);
  const noNoise = ofRules("pcm-0", 0, few(["dense-digital"], []), 1);
  return [
    [...goal, ...converterCells(quick)],
    [...noNoise, ...modules, ...driftCells(quick, seeds), ...grid, ...tolerance],
  ];
}

/** One seed: nothing random is left. */
function converterCells(quick: boolean): Cells {
  const measures: readonly Measure[] = quick ? ["nll"] : ["nll", "pairs"];
  return ["dense-digital", "all-analog"].flatMap((rule) =>
    measures.map(
      (measure) =>
        [{ measure, tile: "chip", rule, share: 0, age_s: 0, effects: "converters" }, 1] as const,
    ),
  );
}

function driftCells(quick: boolean, seeds: number): Cells {
  const few = <T>(all: readonly T[], some: readonly T[]): readonly T[] => (quick ? some : all);
  return few(["chip", "chip-uncompensated"], ["chip"]).flatMap((tile) =>
    few(DRIFT_RULES, DRIFT_RULES.slice(0, 1)).flatMap(([rule, share]) =>
      few(AGES_s, [1, 31536000]).map(
        (age_s) => [{ ...plain, tile, rule, share, age_s }, seeds] as const,
      ),
    ),
  );
}

export const keyOf = (model: string, cell: Cell, seed: number): string =>
  [model, cell.measure, cell.effects, cell.tile, cell.age_s, cell.rule, cell.share, seed].join("|");
