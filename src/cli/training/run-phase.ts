/** One phase of training, from its start or from a saved state, saved as it goes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { InputError } from "../../model/issue.ts";
import { DivergedError } from "../../training/diverged.ts";
import type { TrainingState } from "../../training/session.ts";
import { decodeState, encodeState } from "../../training/trials/state-file.ts";
import { readBytes, writeWhole } from "../files.ts";
import { startProgress } from "../progress.ts";
import type { CurvePoint, Phase } from "./phase.ts";
import type { Subject, Trained } from "./subject.ts";

/** What a state file holds beside the state. */
interface Record {
  readonly identity: string;
  readonly curve: readonly CurvePoint[];
}

export interface PhaseResult {
  readonly state: TrainingState;
  readonly curve: readonly CurvePoint[];
  /** false: stopped on the way, and saved. */
  readonly isDone: boolean;
}

export interface PhaseOptions {
  readonly folder: string;
  readonly resume: boolean;
  readonly quiet: boolean;
  readonly isStopped: () => boolean;
}

export const stateFile = (folder: string, { name }: Pick<Phase, "name">): string =>
  join(folder, `${name}.state`);

/** Points of the curve are at most so far apart. */
const MOST_REPORT_STEPS = 10;
/** A loss of so many times the first one that was reported is beyond repair. */
const DIVERGED_FACTOR = 10;

/**
 * Goes on from the folder's state if there is one, else starts; saves every `checkpoint_steps`.
 *
 * @throws InputError if the folder holds another training, or when training diverges: with the
 *   step, and the last state that was saved
 */
export async function runPhase(phase: Phase, options: PhaseOptions): Promise<PhaseResult> {
  const file = stateFile(options.folder, phase);
  const saved = readSaved(file, phase, options.resume);
  const start = saved?.state ?? phase.begin();
  const curve = [...(saved?.more.curve ?? [])];
  if (start.step >= phase.steps) return { state: start, curve, isDone: true };
  const progress = startProgress(phase.name, phase.steps - start.step, options.quiet);
  let [last, savedStep] = [start.step, saved === null ? null : start.step];
  let state = start;
  try {
    for (const event of phase.run(start, reportSteps(phase))) {
      const { state: takeState, ...point } = event;
      requireSound(point, curve[0]);
      curve.push(point);
      progress.advance(event.step - last);
      last = event.step;
      // Lets signals in.
      await setImmediate();
      const stops = options.isStopped();
      if (!stops && last % phase.checkpoint_steps !== 0 && last < phase.steps) continue;
      state = takeState();
      writeWhole(file, encodeState<Record>(state, { identity: phase.identity, curve }));
      savedStep = last;
      if (stops) break;
    }
  } catch (error) {
    throw error instanceof DivergedError ? diverged(phase, error, savedStep, file) : error;
  } finally {
    progress.done();
  }
  return { state, curve, isDone: last >= phase.steps };
}

/** The largest divisor of the checkpoint interval that is not too large. */
function reportSteps({ checkpoint_steps }: Phase): number {
  let steps = Math.min(MOST_REPORT_STEPS, checkpoint_steps);
  while (checkpoint_steps % steps !== 0) steps--;
  return steps;
}

function readSaved(file: string, { identity }: Phase, resume: boolean) {
  if (!existsSync(file)) return null;
  if (!resume) throw refuse(file, "a training", "a new folder, or --resume to go on with this one");
  const saved = decodeState<Record>(readBytes(file), file);
  if (saved.more.identity === identity) return saved;
  throw refuse(
    file,
    "a training by another recipe, on other data, or by another version of ohmoe",
    "the training file as it was, or a new folder",
  );
}

const refuse = (file: string, found: string, allowed: string): InputError =>
  new InputError(file, [{ pointer: "", found, allowed }]);

function requireSound(point: CurvePoint, first: CurvePoint | undefined): void {
  const limit = DIVERGED_FACTOR * (first?.loss_nats ?? Number.POSITIVE_INFINITY);
  const isSound = Number.isFinite(point.loss_nats) && point.loss_nats <= limit;
  if (!isSound || !Number.isFinite(point.gradient_norm))
    throw new DivergedError(point.step - 1, point.loss_nats);
}

function diverged(
  { learningRate }: Phase,
  { step, loss_nats }: DivergedError,
  savedStep: number | null,
  file: string,
): InputError {
  const kept =
    savedStep === null
      ? "no state was saved before; save more often with checkpoint_steps"
      : `the last good state, after step ${savedStep}, is in ${file}`;
  return new InputError(learningRate.file, [
    {
      pointer: learningRate.pointer,
      found: `a rate that diverges: loss ${loss_nats} nats after step ${step + 1}`,
      allowed: "a smaller one, a longer warm-up, or a gradient_norm_bound",
      hint: kept,
    },
  ]);
}

/** States of a folder in which training is done. @throws InputError if it is not, or of another */
export function readTrained(
  folder: string,
  { digitalPhase, hardwarePhase }: Pick<Subject, "digitalPhase" | "hardwarePhase">,
): Trained {
  const digital = digitalPhase === null ? null : readFinal(folder, digitalPhase);
  return { digital, hardware: readFinal(folder, hardwarePhase(digital)) };
}

function readFinal(folder: string, phase: Phase): TrainingState {
  const file = stateFile(folder, phase);
  const saved = readSaved(file, phase, true);
  if (saved !== null && saved.state.step >= phase.steps) return saved.state;
  const found = saved === null ? "no such state" : `a state of step ${saved.state.step}`;
  throw refuse(file, found, `one of step ${phase.steps}: run \`ohmoe train --resume\` first`);
}
