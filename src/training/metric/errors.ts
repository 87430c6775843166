/** Error of a network on labelled examples, from its logits. */
import { argmax } from "../../accuracy/argmax.ts";
import { logSumExp } from "../../transformer/log-probabilities.ts";

/** wrong: share of wrong answers; nll: mean negative log-likelihood in nats. */
export type ErrorMeasure = "wrong" | "nll";

/** Adds up errors batch by batch. */
export interface ErrorTally {
  /** @param logits [labels][classes] */
  readonly add: (logits: Float32Array, classes: number, labels: Int32Array) => void;
  /** Mean over everything added. */
  readonly error: () => number;
}

export function createErrorTally(measure: ErrorMeasure): ErrorTally {
  const errorOf = ROW_ERRORS[measure];
  let [sum, rows] = [0, 0];
  return {
    add: (logits, classes, labels) => {
      for (let row = 0; row < labels.length; row++)
        sum += errorOf(logits, row * classes, classes, labels[row]!);
      rows += labels.length;
    },
    error: () => {
      if (rows === 0) throw new Error("no examples to take an error of");
      return sum / rows;
    },
  };
}

type RowError = (logits: Float32Array, begin: number, classes: number, label: number) => number;

const ROW_ERRORS: Readonly<Record<ErrorMeasure, RowError>> = {
  nll: (logits, begin, classes, label) =>
    logSumExp(logits, begin, classes) - logits[begin + label]!,
  wrong: (logits, begin, classes, label) => (argmax(logits, begin, classes) === label ? 0 : 1),
};
