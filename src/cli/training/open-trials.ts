/** Trials of a trained subject that there is something to try of. */
import { InputError } from "../../model/issue.ts";
import type { Trials } from "../../training/trials/trials.ts";
import type { Subject, Trained } from "./subject.ts";
import { errorText } from "./texts.ts";

/**
 * @param file of the subject, for the message
 * @throws InputError if the digital network is no better than chance: then A* has no scale
 */
export async function openTrials(
  { openTrials: open, measure, digitalPhase }: Subject,
  trained: Trained,
  file: string,
  evaluation_items?: number,
): Promise<Trials> {
  const trials = await open(trained, evaluation_items);
  const { digital, chance } = trials.scale;
  if (chance > digital) return trials;
  throw new InputError(file, [
    {
      pointer: digitalPhase === null ? "/network/checkpoint" : "/digital",
      found: `a digital network with an error of ${errorText(measure, digital)}`,
      allowed: `one that is better than chance, ${errorText(measure, chance)}`,
      hint: "train longer, or score more examples",
    },
  ]);
}
