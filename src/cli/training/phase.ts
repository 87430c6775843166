/** A phase of training, and its loss curve. */
import type { TrainingState, TrainProgress } from "../../training/session.ts";

/** A phase of training: digital, or with crossbars in the loop. */
export interface Phase {
  /** Also the name of its file. */
  readonly name: "digital" | "hardware-aware";
  readonly steps: number;
  readonly checkpoint_steps: number;
  /** File and pointer of the learning rate, for the message when it was too large. */
  readonly learningRate: { readonly file: string; readonly pointer: string };
  /** SHA-256 of everything that its result depends on. */
  readonly identity: string;
  readonly begin: () => TrainingState;
  readonly run: (start: TrainingState, reportSteps: number) => Iterable<TrainProgress>;
}

/** A point of the loss curve. */
export type CurvePoint = Omit<TrainProgress, "state">;
