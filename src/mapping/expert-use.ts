/** How often experts are used, alone and together. */
export interface ExpertUse {
  /** Probability that a token uses the expert. [layers][experts]; empty without experts */
  readonly frequency: readonly Float64Array[];
  /** That it uses both; row-major, the diagonal is the frequency. [layers][experts * experts] */
  readonly together: readonly Float64Array[];
}

/**
 * Counts choices.
 *
 * @param choices of each layer, k per token. [layers][tokens * k]
 */
export function countExpertUse(
  choices: readonly Int32Array[],
  experts: number,
  k: number,
): ExpertUse {
  const together = choices.map((own) => {
    const counts = new Float64Array(own.length === 0 ? 0 : experts * experts);
    const each = k / own.length;
    for (let begin = 0; begin + k <= own.length; begin += k)
      for (let i = begin; i < begin + k; i++)
        for (let j = begin; j < begin + k; j++) counts[own[i]! * experts + own[j]!]! += each;
    return counts;
  });
  const frequency = together.map((counts) =>
    Float64Array.from(
      { length: counts.length === 0 ? 0 : experts },
      (_, e) => counts[e * experts + e]!,
    ),
  );
  return { frequency, together };
}
