/** The loss of a row of logits: likeness to the digital model, and the text's own next token. */

import type { RowObjective } from "../../transformer/backward-head.ts";
import { expOfNegative } from "../../transformer/exp.ts";

export interface LossWeights {
  /** Of the comparison with the digital model; the rest is the text's. */
  readonly weight_frac: number;
  readonly temperature_factor: number;
}

/** Logits of a row, from `begin` on. */
export interface Logits {
  readonly logits: Float32Array;
  readonly begin: number;
}

/**
 * Mean over predictions of
 * weight T^2 KL(teacher at T || student at T) + (1 - weight) (-ln p(next token)).
 *
 * T^2 keeps the size of the gradient when T changes.
 *
 * @param teacherAt the teacher's logits of a row; a view that holds until the next call
 * @param labelOf next token of a row; -1: the row predicts nothing
 * @param predictions rows that predict something
 * @source Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", arXiv
 *   1503.02531, section 2.
 */
export function distillation(
  { weight_frac, temperature_factor: t }: LossWeights,
  teacherAt: (row: number) => Logits,
  labelOf: (row: number) => number,
  predictions: number,
  vocabulary: number,
): RowObjective {
  const part = createParts(vocabulary);
  const share = 1 / predictions;
  return (row, logits, begin) => {
    const label = labelOf(row);
    part.gradient.fill(0);
    let loss = 0;
    if (label >= 0 && weight_frac > 0)
      loss += part.imitate(logits, begin, teacherAt(row), weight_frac, t);
    if (label >= 0 && weight_frac < 1) loss += part.predict(logits, begin, label, 1 - weight_frac);
    for (let i = 0; i < vocabulary; i++) logits[begin + i] = share * part.gradient[i]!;
    return label < 0 ? null : share * loss;
  };
}

/** Both parts of the loss of a row; they add to `gradient`. */
function createParts(vocabulary: number) {
  const gradient = new Float64Array(vocabulary);
  const own = new Float64Array(vocabulary);
  const wanted = new Float64Array(vocabulary);
  return {
    gradient,
    imitate: (x: Float32Array, begin: number, teacher: Logits, weight: number, t: number) => {
      const lnTeacher = softmax(teacher.logits, teacher.begin, t, wanted);
      const lnOwn = softmax(x, begin, t, own);
      // sum over p of p (teacher - student) / T, less the difference of the normalisers
      let kl = lnOwn - lnTeacher;
      for (let i = 0; i < vocabulary; i++) {
        kl += (wanted[i]! * (teacher.logits[teacher.begin + i]! - x[begin + i]!)) / t;
        gradient[i] = gradient[i]! + weight * t * (own[i]! - wanted[i]!);
      }
      return weight * t * t * kl;
    },
    predict: (x: Float32Array, begin: number, label: number, weight: number) => {
      const lnSum = softmax(x, begin, 1, own);
      for (let i = 0; i < vocabulary; i++) gradient[i] = gradient[i]! + weight * own[i]!;
      gradient[label] = gradient[label]! - weight;
      return weight * (lnSum - x[begin + label]!);
    },
  };
}

/** p = softmax(x / t). @returns ln of the sum of e^(x / t) */
function softmax(x: Float32Array, begin: number, t: number, p: Float64Array): number {
  const count = p.length;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = begin; i < begin + count; i++) if (x[i]! > largest) largest = x[i]!;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const e = expOfNegative((x[begin + i]! - largest) / t);
    p[i] = e;
    sum += e;
  }
  for (let i = 0; i < count; i++) p[i] = p[i]! / sum;
  return largest / t + Math.log(sum);
}
