/** What a training file is about, opened: its phases, and the trials of what they yield. */
import type { AnalogTile } from "../../model/arch.ts";
import type { Training } from "../../model/training.ts";
import type { ReusableEngine } from "../../numerics/engines/reusable.ts";
import type { ErrorMeasure } from "../../training/metric/errors.ts";
import type { TrainingState } from "../../training/session.ts";
import type { Trials } from "../../training/trials/trials.ts";
import type { Phase } from "./phase.ts";

/** Final states of the phases; digital is null where a checkpoint was trained elsewhere. */
export interface Trained {
  readonly digital: TrainingState | null;
  readonly hardware: TrainingState;
}

export interface Subject {
  readonly spec: Training;
  /** The tile that it is trained for and tried on. */
  readonly tile: AnalogTile;
  readonly engine: ReusableEngine;
  readonly measure: ErrorMeasure;
  /** null: a checkpoint. */
  readonly digitalPhase: Phase | null;
  readonly hardwarePhase: (digital: TrainingState | null) => Phase;
  /** @param evaluation_items at most so many examples are scored */
  readonly openTrials: (trained: Trained, evaluation_items?: number) => Promise<Trials>;
  /** Writes what was trained as a checkpoint folder; left out: it was no checkpoint before. */
  readonly writeCheckpoint?: (trained: Trained, folder: string) => void;
}
