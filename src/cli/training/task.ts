/** The data of a training file: what is trained on, watched, scored, and what chance would score. */
import { prepareText } from "../../accuracy/text.ts";
import { InputError } from "../../model/issue.ts";
import type { TrainingData } from "../../model/training.ts";
import type { Task as Shape } from "../../training/create-network.ts";
import { type Examples, imageExamples, windowExamples } from "../../training/data/batches.ts";
import { alphabetOf, encode } from "../../training/data/characters.ts";
import type { DataRole } from "../../training/data/digits.ts";
import { unigramEntropy, type Windows, windowsIn } from "../../training/data/windows.ts";
import type { ErrorMeasure } from "../../training/metric/errors.ts";
import { readChapters } from "../moby-dick.ts";
import { readDigits } from "./digits.ts";

export interface Task {
  /** What a network sees and answers. */
  readonly shape: Shape;
  readonly examples: Readonly<Record<DataRole, Examples>>;
  readonly measure: ErrorMeasure;
  /** Error of an answer that does not look at the input, on examples with these labels. */
  readonly chance: (labels: Int32Array) => number;
}

type Digits = Extract<TrainingData, { kind: "digits" }>;
export type NovelData = Extract<TrainingData, { kind: "moby-dick" }>;

/** @throws InputError if data are missing, or fewer than asked for */
export function readTask(data: TrainingData, file: string): Task {
  return data.kind === "digits" ? digitTask(data, file) : characterTask(data, file);
}

function digitTask(data: Digits, file: string): Task {
  const sizes = {
    training: data.training_items,
    validation: data.validation_items,
    evaluation: data.evaluation_items,
  };
  const { training, validation, evaluation } = readDigits(sizes, file);
  const { rows, classes } = training;
  return {
    shape: { side: rows, classes },
    examples: {
      training: imageExamples(training),
      validation: imageExamples(validation),
      evaluation: imageExamples(evaluation),
    },
    measure: "wrong",
    chance: () => 1 - 1 / classes,
  };
}

function characterTask(data: NovelData, file: string): Task {
  const alphabet = alphabetOf(novelText(data.training_chapters));
  const windows = novelWindows(data, file, (text) => encode(text, alphabet));
  return {
    shape: { steps: data.context_tokens, classes: alphabet.symbols },
    examples: {
      training: windowExamples(windows.training),
      validation: windowExamples(windows.validation),
      evaluation: windowExamples(windows.evaluation),
    },
    measure: "nll",
    chance: unigramEntropy,
  };
}

const novelText = (chapters: readonly number[]): string =>
  prepareText(readChapters([chapters[0]!, chapters[1]!]));

/** Windows of the chapters of each role, in characters or tokens. */
export function novelWindows(
  data: NovelData,
  file: string,
  encodeText: (text: string) => Int32Array,
): Readonly<Record<DataRole, Windows>> {
  const windows = {
    training: encodeText(novelText(data.training_chapters)),
    validation: encodeText(novelText(data.validation_chapters)),
    evaluation: encodeText(novelText(data.evaluation_chapters)),
  };
  const cut = (role: DataRole): Windows => {
    const most = role === "evaluation" ? data.evaluation_tokens : Number.POSITIVE_INFINITY;
    const found = windowsIn(windows[role], data.context_tokens, most);
    if (found.items > 0) return found;
    throw new InputError(file, [
      {
        pointer: `/data/${role}_chapters`,
        found: `${windows[role].length} ${data.unit}, scored up to ${most}`,
        allowed: `more than one window of ${data.context_tokens}`,
      },
    ]);
  };
  return {
    training: cut("training"),
    validation: cut("validation"),
    evaluation: cut("evaluation"),
  };
}
