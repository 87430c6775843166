/** Minimal pairs: two sentences, one of them grammatical. A model is right if it prefers that one. */
import { InputError, type Issue } from "../model/issue.ts";
import type { AnswerWindow, PairScore } from "./answers.ts";
import { requireVocabulary } from "./text.ts";

export type { PairScore } from "./answers.ts";

export interface MinimalPair {
  /** Paradigm, such as "passive_1". */
  readonly uid: string;
  readonly good: string;
  readonly bad: string;
}

/**
 * Parses BLiMP's JSON lines.
 *
 * @throws InputError naming every line that is not a pair
 * @source Warstadt et al., "BLiMP", TACL 8, 2020.
 */
export function parsePairs(file: string, jsonLines: string): readonly MinimalPair[] {
  const issues: Issue[] = [];
  const pairs: MinimalPair[] = [];
  jsonLines.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const pair = parseLine(line);
    if (pair === null)
      issues.push({
        pointer: "",
        found: `line ${i + 1}: ${line.length > 60 ? `${line.slice(0, 60)}...` : line}`,
        allowed:
          'an object with the strings "uid" (or "UID"), "good" and "bad" (or "sentence_good", "sentence_bad")',
      });
    else pairs.push(pair);
  });
  if (issues.length === 0 && pairs.length === 0)
    issues.push({ pointer: "", found: "no pair", allowed: "at least one" });
  if (issues.length > 0) throw new InputError(file, issues);
  return pairs;
}

function parseLine(line: string): MinimalPair | null {
  try {
    const value = JSON.parse(line);
    const uid = value.uid ?? value.UID;
    const good = value.good ?? value.sentence_good;
    const bad = value.bad ?? value.sentence_bad;
    const strings = [uid, good, bad].every((text) => typeof text === "string" && text !== "");
    return strings ? { uid, good, bad } : null;
  } catch {
    return null;
  }
}

/**
 * Two windows a pair, good and bad, each behind the token that starts a text.
 *
 * @param startId the tokenizer's `startId`
 */
export function pairWindows(
  file: string,
  pairs: readonly MinimalPair[],
  encode: (text: string) => Int32Array,
  startId: number,
  vocabulary_tokens: number,
): readonly AnswerWindow[] {
  let firstRow = 0;
  return pairs
    .flatMap(({ good, bad }) => [good, bad])
    .map((sentence, i) => {
      const tokens = Int32Array.of(startId, ...encode(sentence));
      requireVocabulary(file, tokens, vocabulary_tokens);
      firstRow += tokens.length;
      return {
        ...{ tokens, firstRow: firstRow - tokens.length },
        ...{ item: i >> 1, isRight: i % 2 === 0, firstCounted: 1, divisor: 1 },
      };
    });
}

/** @param logProbabilities_nats good and bad in turn */
export function pairScore(logProbabilities_nats: Float64Array, seed: number): PairScore {
  const pairs = logProbabilities_nats.length / 2;
  let correct = 0;
  for (let p = 0; p < pairs; p++)
    if (logProbabilities_nats[2 * p]! > logProbabilities_nats[2 * p + 1]!) correct++;
  return { seed, pairs, correct };
}
