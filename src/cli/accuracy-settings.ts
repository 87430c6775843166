/** What an accuracy evaluation is asked, and what it answers; whoever evaluates. */
import type { PairScore } from "../accuracy/answers.ts";
import type { ChoiceNorm } from "../accuracy/choices.ts";
import type { TextScore } from "../model/evaluation.ts";
import type { AccuracySource } from "../model/sweep.ts";
import type { Effect } from "../numerics/effects.ts";
import type { EngineName } from "../numerics/engine.ts";

/** What the chip is read under. */
export interface AccuracyCondition {
  readonly noise_scale: number;
  readonly age_s: number;
}

export interface AccuracySettings extends AccuracyCondition {
  /** Left out: measured, or predicted at level `table`. */
  readonly source?: AccuracySource | undefined;
  /** Path of the evaluation text; left out: Moby-Dick. */
  readonly text: string | undefined;
  /** Path of minimal pairs; left out: none are scored. */
  readonly pairs: string | undefined;
  /** Multiple choice instead of pairs. */
  readonly choices?: { readonly file: string; readonly norm: ChoiceNorm } | undefined;
  readonly text_tokens: number;
  readonly context_tokens: number;
  readonly seed: number;
  readonly seeds: number;
  /** Conditions beside the first one, which the rows of the report are of. */
  readonly further: readonly AccuracyCondition[];
  readonly kernel: EngineName;
  readonly jobs: number;
  readonly quiet: boolean;
  /** Effects that are switched off; left out: none. */
  readonly without?: readonly Effect[];
  /** Reads the model layer by layer even if it fits into memory. */
  readonly layer_by_layer?: boolean;
}

/** Scores of one placement, one per noise seed; a single one where nothing is analog. */
export interface PlacementScores {
  readonly text: readonly TextScore[];
  /** Empty when there are no pairs. */
  readonly pairs: readonly PairScore[];
}
