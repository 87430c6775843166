/** Cross entropy with labels and with the outputs of a teacher, with its gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { viewOf } from "./tensors.ts";
import { withGradient } from "./with-gradient.ts";

/** Imitation of a teacher. */
export interface Distillation {
  /** Share of the loss. */
  readonly weight: number;
  /** Divides both networks' logits in that part. */
  readonly temperature: number;
  /** Logits, [rows][classes]. */
  readonly teacher: Float32Array;
}

/**
 * (1 - w) H(label, p) + w T^2 KL(teacher_T || p_T), the mean over rows, nats.
 *
 * @param logits [rows][classes]
 * @param labels [rows]
 * @source Hinton et al., arXiv 1503.02531; T^2 keeps the two gradients of one size.
 */
export function lossOf(
  logits: tf.Tensor2D,
  labels: Int32Array,
  distillation: Distillation | null,
): tf.Scalar {
  const [rows, classes] = logits.shape;
  let gradient = new Float32Array(0);
  return withGradient([logits], {
    forward: ([z]) => {
      const values = viewOf(z!);
      gradient = new Float32Array(values.length);
      const own = 1 - (distillation?.weight ?? 0);
      let loss = own * labelLoss(values, labels, classes, own, gradient);
      if (distillation !== null) loss += imitationLoss(values, classes, distillation, gradient);
      for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! / rows;
      return tf.scalar(loss / rows);
    },
    backward: (dy) => [tf.mul(tf.tensor2d(gradient, [rows, classes]), dy as unknown as tf.Scalar)],
  }) as unknown as tf.Scalar;
}

/** Adds weight * (p - one-hot) to the gradient. @returns sum over rows of -log p(label) */
function labelLoss(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  weight: number,
  gradient: Float32Array,
): number {
  const p = new Float64Array(classes);
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const at = row * classes;
    const label = labels[row]!;
    const normaliser = softmax(logits, at, 1, p);
    sum += normaliser - logits[at + label]!;
    for (let c = 0; c < classes; c++) gradient[at + c] = gradient[at + c]! + weight * p[c]!;
    gradient[at + label] = gradient[at + label]! - weight;
  }
  return sum;
}

/** Adds w T (p_T - q_T) to the gradient. @returns w T^2 times the sum over rows of KL(q_T || p_T) */
function imitationLoss(
  logits: Float32Array,
  classes: number,
  { weight, temperature, teacher }: Distillation,
  gradient: Float32Array,
): number {
  const p = new Float64Array(classes);
  const q = new Float64Array(classes);
  let sum = 0;
  for (let at = 0; at < logits.length; at += classes) {
    const ours = softmax(logits, at, temperature, p);
    const theirs = softmax(teacher, at, temperature, q);
    for (let c = 0; c < classes; c++) {
      const difference = (teacher[at + c]! - logits[at + c]!) / temperature - theirs + ours;
      sum += q[c]! * difference;
      gradient[at + c] = gradient[at + c]! + weight * temperature * (p[c]! - q[c]!);
    }
  }
  return weight * temperature ** 2 * sum;
}

/** Probabilities of logits over T. @returns the logarithm of their normaliser */
function softmax(
  logits: Float32Array,
  begin: number,
  temperature: number,
  p: Float64Array,
): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < p.length; c++) max = Math.max(max, logits[begin + c]! / temperature);
  let sum = 0;
  for (let c = 0; c < p.length; c++) {
    p[c] = Math.exp(logits[begin + c]! / temperature - max);
    sum += p[c]!;
  }
  for (let c = 0; c < p.length; c++) p[c] = p[c]! / sum;
  return max + Math.log(sum);
}
