/** Words of the generated minimal pairs: common in novels of 1840 to 1927. */

/** A person: singular, plural, reflexive pronoun of the singular. */
export interface Person {
  readonly one: string;
  readonly many: string;
  readonly self: "himself" | "herself";
}

const person = (one: string, many: string, self: Person["self"]): Person => ({ one, many, self });

export const PEOPLE: readonly Person[] = [
  person("man", "men", "himself"),
  person("boy", "boys", "himself"),
  person("king", "kings", "himself"),
  person("gentleman", "gentlemen", "himself"),
  person("brother", "brothers", "himself"),
  person("father", "fathers", "himself"),
  person("prince", "princes", "himself"),
  person("uncle", "uncles", "himself"),
  person("woman", "women", "herself"),
  person("girl", "girls", "herself"),
  person("queen", "queens", "herself"),
  person("lady", "ladies", "herself"),
  person("sister", "sisters", "herself"),
  person("mother", "mothers", "herself"),
  person("daughter", "daughters", "herself"),
  person("aunt", "aunts", "herself"),
];

/** A thing: singular, plural. */
export type Noun = readonly [one: string, many: string];

export const THINGS: readonly Noun[] = [
  ["house", "houses"],
  ["ship", "ships"],
  ["horse", "horses"],
  ["book", "books"],
  ["letter", "letters"],
  ["tree", "trees"],
  ["boat", "boats"],
  ["room", "rooms"],
  ["door", "doors"],
  ["garden", "gardens"],
  ["flower", "flowers"],
  ["window", "windows"],
];

export const IRREGULAR_NOUNS: readonly Noun[] = [
  ["man", "men"],
  ["woman", "women"],
  ["child", "children"],
  ["gentleman", "gentlemen"],
];

export const ADJECTIVES = ["old", "great", "little", "poor", "young", "good"] as const;
export const PLACES = [
  "in the garden",
  "in the house",
  "at the door",
  "on the road",
  "in the village",
  "by the fire",
] as const;

/** A verb: base, third person, past, participle; forms of irregular verbs all differ. */
export type Verb = readonly [base: string, third: string, past: string, participle: string];

/** Each with something that follows it. */
export const IRREGULAR: readonly (readonly [...Verb, after: string])[] = [
  ["write", "writes", "wrote", "written", "a long letter"],
  ["take", "takes", "took", "taken", "the money"],
  ["break", "breaks", "broke", "broken", "the window"],
  ["give", "gives", "gave", "given", "him the book"],
  ["see", "sees", "saw", "seen", "the ship"],
  ["speak", "speaks", "spoke", "spoken", "to his friend"],
  ["know", "knows", "knew", "known", "the truth"],
  ["forget", "forgets", "forgot", "forgotten", "his name"],
  ["choose", "chooses", "chose", "chosen", "a new place"],
  ["eat", "eats", "ate", "eaten", "the bread"],
];

export const WALKS: readonly Verb[] = [
  ["stand", "stands", "stood", "stood"],
  ["sit", "sits", "sat", "sat"],
  ["live", "lives", "lived", "lived"],
  ["work", "works", "worked", "worked"],
  ["wait", "waits", "waited", "waited"],
  ["sleep", "sleeps", "slept", "slept"],
];
