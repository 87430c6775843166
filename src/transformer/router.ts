import { expOfNegative } from "./exp.ts";

/**
 * Softmax over all experts, then the k most probable ones, best first; the weights are those
 * probabilities, not divided by their sum. Ties go to the lower expert.
 *
 * @param logits [rows][experts]
 * @param chosen [rows][k], overwritten with expert numbers
 * @param weights [rows][k], overwritten
 * @source OLMoE, arXiv 2409.02060, section 2; DeepSeekMoE, arXiv 2401.06066, eq. 4-6.
 */
export function routeTopK(
  logits: Float32Array,
  rows: number,
  experts: number,
  k: number,
  chosen: Int32Array,
  weights: Float32Array,
): void {
  for (let row = 0; row < rows; row++) {
    const begin = row * experts;
    selectLargest(logits, begin, experts, k, chosen, row * k);
    const largest = logits[begin + chosen[row * k]!]!;
    let sum = 0;
    for (let e = begin; e < begin + experts; e++) sum += expOfNegative(logits[e]! - largest);
    for (let i = row * k; i < (row + 1) * k; i++)
      weights[i] = expOfNegative(logits[begin + chosen[i]!]! - largest) / sum;
  }
}

/** The k largest of x[begin .. begin + count), by insertion; probabilities order as logits do. */
function selectLargest(
  x: Float32Array,
  begin: number,
  count: number,
  k: number,
  chosen: Int32Array,
  to: number,
): void {
  for (let e = 0, held = 0; e < count; e++) {
    const value = x[begin + e]!;
    if (held === k && !(value > x[begin + chosen[to + k - 1]!]!)) continue;
    let slot = held < k ? held++ : k - 1;
    while (slot > 0 && value > x[begin + chosen[to + slot - 1]!]!) {
      chosen[to + slot] = chosen[to + slot - 1]!;
      slot--;
    }
    chosen[to + slot] = e;
  }
}

/** Which rows each expert works on, in one pass. */
export interface Dispatch {
  /** [experts + 1] the slots of expert e are begin[e] up to begin[e + 1] */
  readonly begin: Int32Array;
  /** [rows * k] place in `chosen`, row * k + i, of each slot; ascending within an expert */
  readonly slots: Int32Array;
}

/** Sorts the choices by expert (a counting sort). */
export function dispatch(
  chosen: Int32Array,
  choices: number,
  experts: number,
  { begin, slots }: Dispatch,
): void {
  begin.fill(0);
  for (let i = 0; i < choices; i++) {
    const after = chosen[i]! + 1;
    begin[after] = begin[after]! + 1;
  }
  for (let e = 0; e < experts; e++) begin[e + 1] = begin[e + 1]! + begin[e]!;
  for (let i = 0; i < choices; i++) {
    const expert = chosen[i]!;
    slots[begin[expert]!] = i;
    begin[expert] = begin[expert]! + 1;
  }
  // begin[e] now holds the end of e, which is the begin of e + 1.
  for (let e = experts; e > 0; e--) begin[e] = begin[e - 1]!;
  begin[0] = 0;
}
