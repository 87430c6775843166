import type { TokenGroup } from "./context.ts";

/**
 * The prompts of all sequences, position by position, so that sequences advance side by side.
 *
 * Token p of sequence s has address s * prompt + p, as in a routing trace of one text after the
 * other.
 */
export function prefillGroup(batch: number, prompt: number): TokenGroup {
  const tokens = batch * prompt;
  const group = emptyGroup(tokens, true);
  for (let t = 0; t < tokens; t++) {
    const position = Math.floor(t / batch);
    const sequence = t % batch;
    group.sequence[t] = sequence;
    group.length[t] = position + 1;
    group.address[t] = sequence * prompt + position;
    group.isLast[t] = position === prompt - 1 ? 1 : 0;
  }
  return group;
}

/** One token of each sequence; `step` counts from 0, right after the prompt. */
export function decodeGroup(batch: number, prompt: number, step: number): TokenGroup {
  const group = emptyGroup(batch, false);
  for (let s = 0; s < batch; s++) {
    group.sequence[s] = s;
    group.length[s] = prompt + step + 1;
    group.address[s] = batch * (prompt + step) + s;
    group.isLast[s] = 1;
  }
  return group;
}

/** All decode steps, one by one. */
export function* decodeSteps(batch: number, prompt: number, steps: number): Generator<TokenGroup> {
  for (let step = 0; step < steps; step++) yield decodeGroup(batch, prompt, step);
}

function emptyGroup(tokens: number, isPrefill: boolean): TokenGroup {
  return {
    tokens,
    sequence: new Int32Array(tokens),
    length: new Int32Array(tokens),
    address: new Int32Array(tokens),
    isLast: new Uint8Array(tokens),
    isPrefill,
  };
}
