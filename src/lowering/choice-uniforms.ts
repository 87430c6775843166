/** Fills `out` with uniforms in [0, 1): out[i] is a function of stream, row and i only. */
export type FillRandom = (stream: number, row: number, out: Float32Array) => void;

/** Random streams of a layer: experts of tokens, ranks, groups of tokens. */
export const STREAMS = 3;

/** Uniforms in [0, 1) that decide one token's choice in one layer. */
export interface ChoiceUniforms {
  readonly experts: Float32Array;
  /** Empty where tokens are not limited to groups. */
  readonly groups: Float32Array;
}

export type DrawUniforms = (
  layer: number,
  token: number,
  sequence: number,
  position: number,
) => ChoiceUniforms;

/** Every token by itself. */
export function drawEachToken(experts: number, groups: number, random: FillRandom): DrawUniforms {
  const uniforms = { experts: new Float32Array(experts), groups: new Float32Array(groups) };
  return (layer, token) => {
    random(STREAMS * layer, token, uniforms.experts);
    if (groups > 0) random(STREAMS * layer + 2, token, uniforms.groups);
    return uniforms;
  };
}
