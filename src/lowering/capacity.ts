/** Expert of an assignment that was dropped. */
export const DROPPED = -1;

/** Assignments of tokens to experts so far, and those of them that found their expert full. */
export interface AssignmentCount {
  assigned: number;
  dropped: number;
}

/**
 * Most tokens that one expert takes of a group: factor x its even share, rounded up.
 *
 * @source Fedus et al., "Switch Transformers", JMLR 23, 2022, eq. 3, for one expert a token; with
 *   k experts a token there are k times as many assignments to share out, as in Lepikhin et al.,
 *   "GShard", ICLR 2021, section 2.2 (k = 2, factor 1).
 * @param factor undefined: no limit
 */
export function expertCapacity(
  tokens: number,
  { experts, active_experts }: { readonly experts: number; readonly active_experts: number },
  factor: number | undefined,
): number {
  if (factor === undefined) return Infinity;
  return Math.max(1, Math.ceil((factor * tokens * active_experts) / experts));
}

/**
 * Hands out the places of one layer for one group of tokens, in the order of tokens: what comes
 * when an expert is full is dropped, and the token goes on with what its other experts return,
 * in the end with its residual alone.
 *
 * @param capacity places of each expert
 * @returns replaces the experts of the next token that are full by `DROPPED`; others stay in order
 */
export function createPlaces(
  experts: number,
  capacity: number,
  count: AssignmentCount,
): (chosen: Int32Array) => void {
  const taken = new Int32Array(experts);
  return (chosen) => {
    count.assigned += chosen.length;
    if (capacity === Infinity) return;
    for (let i = 0; i < chosen.length; i++) {
      const expert = chosen[i]!;
      if (taken[expert]! < capacity) {
        taken[expert]!++;
        continue;
      }
      chosen[i] = DROPPED;
      count.dropped++;
    }
  };
}
