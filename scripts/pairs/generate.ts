/** From templates to the shipped file: the same bytes on every machine. */
import { shuffle } from "../../src/random/philox.ts";
import { PARADIGMS } from "./paradigms.ts";

/** Where the pairs are shipped. */
export const PAIRS_FILE = "workloads/minimal-pairs.jsonl";

const PAIRS_EACH = 28;
const SEED = 1851;

/** JSON lines with BLiMP's fields. */
export function generatePairs(): string {
  return PARADIGMS.flatMap(({ uid, field, term, pairs }, matrix) => {
    const distinct = [...new Map(pairs.map((pair) => [pair.join("|"), pair])).values()];
    const address = { seed: SEED, matrix, block: 0, purpose: "placement", row: 0 } as const;
    const chosen = [...shuffle(distinct.length, address)]
      .slice(0, PAIRS_EACH)
      .sort((a, b) => a - b);
    return chosen.map((index, pairID) => {
      const [sentence_good, sentence_bad] = distinct[index]!;
      const line = { sentence_good, sentence_bad, field, linguistics_term: term, UID: uid, pairID };
      return `${JSON.stringify(line)}\n`;
    });
  }).join("");
}
