/** Windows of a text: what a language model reads at once. */

/** Token sequences of equal length, each with what follows every token. */
export interface Windows {
  readonly items: number;
  readonly context_tokens: number;
  /** [items][context_tokens] */
  readonly inputs: Int32Array;
  /** The token after each input. [items][context_tokens] */
  readonly targets: Int32Array;
}

/**
 * Cuts a text into windows that do not overlap: of context + 1 tokens, the last of which is the
 * first of the next window. What is left at the end is not used.
 *
 * @param mostTokens predictions that are made at most
 */
export function windowsIn(ids: Int32Array, context_tokens: number, mostTokens: number): Windows {
  const items = Math.floor(Math.min(ids.length - 1, mostTokens) / context_tokens);
  const length = Math.max(0, items) * context_tokens;
  return {
    items: Math.max(0, items),
    context_tokens,
    inputs: ids.slice(0, length),
    targets: ids.slice(1, length + 1),
  };
}

/**
 * Entropy of the frequencies of symbols, in nats: the loss of a model that knows how often each
 * occurs and nothing else.
 */
export function unigramEntropy(targets: Int32Array): number {
  const counts = new Map<number, number>();
  for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values())
    entropy -= (count / targets.length) * Math.log(count / targets.length);
  return entropy;
}
