/** Text as a sequence of characters of a known alphabet. */

/** What a text is made of; one more symbol stands for all that it does not have. */
export interface Alphabet {
  /** Sorted by code point. */
  readonly characters: readonly string[];
  /** Symbols in all: `characters` and "other". */
  readonly symbols: number;
}

/** @param text that a model is trained on */
export function alphabetOf(text: string): Alphabet {
  const characters = [...new Set(text)].sort();
  return { characters, symbols: characters.length + 1 };
}

/** Numbers of the characters; "other" is the last one. */
export function encode(text: string, { characters, symbols }: Alphabet): Int32Array {
  const ids = new Map(characters.map((character, id) => [character, id]));
  return Int32Array.from(Array.from(text), (character) => ids.get(character) ?? symbols - 1);
}
