import type { ChoiceUniforms, DrawUniforms, FillRandom } from "./choice-uniforms.ts";

/** Streams from here on belong to bursts: two for each layer and sequence. */
const FIRST_STREAM = 2 ** 31;
const MAX_SEQUENCES = 65536;

/** What one sequence has in one layer, up to a position. */
interface BurstState extends ChoiceUniforms {
  position: number;
}

/**
 * Choices that last: temporal correlation with unchanged popularity.
 *
 * Each expert's uniform, hence its waiting time, is drawn anew at a token with probability
 * 1 / mean_tokens, independently of the other experts, and kept otherwise; so an expert that is
 * wanted stays wanted for a geometric number of tokens, until it or its rivals are drawn anew. At
 * every single token the uniforms are independent, so each token's choice has exactly the
 * distribution of the draw without bursts; mean_tokens = 1 is that draw. Sequences and layers are
 * independent. Groups of experts last in the same way.
 *
 * Why: consecutive tokens share experts more often than chance in trained models (Jiang et al.,
 * "Mixtral of Experts", arXiv 2401.04088, table 5); how long bursts last differs by model and
 * layer, hence the parameter.
 *
 * @param mean_tokens mean number of tokens that a draw lasts, >= 1
 */
export function createBursts(mean_tokens: number) {
  const renewal = 1 / mean_tokens;
  return (experts: number, groups: number, random: FillRandom): DrawUniforms => {
    const states = new Map<number, BurstState>();
    const renewed = new Float32Array(experts + groups);
    const fresh = new Float32Array(experts + groups);

    const advance = (state: BurstState, stream: number): void => {
      const isFirst = ++state.position === 0;
      random(stream, state.position, renewed);
      random(stream + 1, state.position, fresh);
      for (let i = 0; i < fresh.length; i++) {
        if (!isFirst && renewed[i]! >= renewal) continue;
        if (i < experts) state.experts[i] = fresh[i]!;
        else state.groups[i - experts] = fresh[i]!;
      }
    };

    return (layer, _token, sequence, position) => {
      const number = layer * MAX_SEQUENCES + sequence;
      const state = states.get(number) ?? {
        position: -1,
        experts: new Float32Array(experts),
        groups: new Float32Array(groups),
      };
      states.set(number, state);
      // An earlier token than last time: the state is a function of the position, so start again.
      if (position < state.position) state.position = -1;
      while (state.position < position) advance(state, FIRST_STREAM + 2 * number);
      return state;
    };
  };
}
