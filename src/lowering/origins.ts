/** Where ops come from, by runs: ops begin[i] .. begin[i + 1] are work of one token in one layer. */
export interface Origins {
  /** [runs] */
  readonly begin: Int32Array;
  /** -1: embedding, LM head. [runs] */
  readonly layer: Int32Array;
  /** Number of the token within the group; -1: work on the whole group. [runs] */
  readonly token: Int32Array;
}

/** Collects runs; ops come in ascending order. */
export function createOrigins(): {
  readonly add: (op: number, layer: number, token: number) => void;
  readonly finish: () => Origins;
} {
  const begin: number[] = [];
  const layers: number[] = [];
  const tokens: number[] = [];
  return {
    add: (op, layer, token) => {
      const last = begin.length - 1;
      if (last >= 0 && layers[last] === layer && tokens[last] === token) return;
      begin.push(op);
      layers.push(layer);
      tokens.push(token);
    },
    finish: () => ({
      begin: Int32Array.from(begin),
      layer: Int32Array.from(layers),
      token: Int32Array.from(tokens),
    }),
  };
}

/** The run that an op belongs to. */
export function runOf({ begin }: Origins, op: number): number {
  let low = 0;
  let high = begin.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (begin[middle]! <= op) low = middle;
    else high = middle;
  }
  return low;
}
