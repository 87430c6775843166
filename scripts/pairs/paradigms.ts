/** Templates of minimal pairs: each changes one thing that grammar decides. */
import { ADJECTIVES, IRREGULAR, IRREGULAR_NOUNS, PEOPLE, PLACES, THINGS, WALKS } from "./words.ts";

/** Grammatical first. */
export type Pair = readonly [good: string, bad: string];

export interface Paradigm {
  readonly uid: string;
  /** BLiMP's coarse field: morphology, syntax, semantics. */
  readonly field: string;
  /** What a linguist calls it. */
  readonly term: string;
  /** Everything the template can say. */
  readonly pairs: readonly Pair[];
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const sentence = (text: string): string => `${capital(text)}.`;

/** Both sentences from one frame. */
const swap = (good: string, bad: string, frame: (word: string) => string): Pair => [
  sentence(frame(good)),
  sentence(frame(bad)),
];

const NUMBERS = ["one", "many"] as const;
const be: Readonly<Record<"one" | "many", Pair>> = {
  one: ["was", "were"],
  many: ["were", "was"],
};
const have: typeof be = { one: ["has", "have"], many: ["have", "has"] };

const subjectBe = PEOPLE.flatMap((who) =>
  NUMBERS.flatMap((number) =>
    PLACES.map((where) =>
      swap(...be[number], (verb) => `the ${who[number]} ${verb} standing ${where}`),
    ),
  ),
);

const subjectHave = PEOPLE.flatMap((who) =>
  NUMBERS.flatMap((number) =>
    ["gone to the village", "come to the house", "left the town", "lost the way"].map((what) =>
      swap(...have[number], (verb) => `the ${who[number]} ${verb} ${what}`),
    ),
  ),
);

const subjectVerb = PEOPLE.flatMap((who) =>
  NUMBERS.flatMap((number) =>
    WALKS.flatMap(([base, third]) => {
      const [good, bad] = number === "one" ? [third, base] : [base, third];
      return PLACES.map((where) =>
        swap(good, bad, (verb) => `the ${who[number]} ${verb} ${where} every day`),
      );
    }),
  ),
);

const attractor = PEOPLE.flatMap((who) =>
  NUMBERS.flatMap((number) =>
    THINGS.map((thing) =>
      swap(...be[number], (verb) => {
        const other = number === "one" ? thing[1] : thing[0];
        return `the ${who[number]} with the ${other} ${verb} very old`;
      }),
    ),
  ),
);

const pronouns = [
  ["I", "am", "is"],
  ["he", "was", "were"],
  ["she", "is", "are"],
  ["they", "were", "was"],
  ["we", "are", "is"],
  ["you", "are", "is"],
  ["he", "has been", "have been"],
  ["they", "have been", "has been"],
] as const;
const pronounVerb = pronouns.flatMap(([who, good, bad]) =>
  ["very happy", "too late", "in the house", "quite alone", "afraid of nothing"].map((what) =>
    swap(good, bad, (verb) => `${who} ${verb} ${what}`),
  ),
);

const determiners = [
  ["this", "these", 0],
  ["these", "this", 1],
  ["that", "those", 0],
  ["those", "that", 1],
] as const;
const determiner = (nouns: readonly (readonly [string, string])[], adjectives: readonly string[]) =>
  determiners.flatMap(([good, bad, number]) =>
    nouns.flatMap((noun) =>
      adjectives.flatMap((adjective) =>
        ["he had never seen", "she looked at", "they came back to"].map((start) =>
          swap(good, bad, (word) => `${start} ${word} ${adjective}${noun[number]}`),
        ),
      ),
    ),
  );

const reflexives = [
  "looked at # in the glass",
  "spoke of # to the stranger",
  "found # alone in the room",
  "was not ashamed of #",
] as const;
const anaphorGender = PEOPLE.flatMap((who) =>
  reflexives.flatMap((frame) =>
    ["the", "the old", "the young"].map((det) =>
      swap(who.self, who.self === "himself" ? "herself" : "himself", (self) =>
        `${det} ${who.one} ${frame}`.replace("#", self),
      ),
    ),
  ),
);
const anaphorNumber = PEOPLE.flatMap((who) =>
  [
    "looked at #",
    "hid # in the wood",
    "found # alone in the room",
    "saved # from the fire",
  ].flatMap((frame) =>
    ["the", "the two"].map((det) =>
      swap("themselves", who.self, (self) => `${det} ${who.many} ${frame}`.replace("#", self)),
    ),
  ),
);

const participle = IRREGULAR.flatMap(([, , past, done, after]) =>
  ["he had", "she has never", "they have already", "I should have"].map((start) =>
    swap(done, past, (verb) => `${start} ${verb} ${after}`),
  ),
);
const past = IRREGULAR.flatMap(([, , simple, done, after]) =>
  ["yesterday he", "then she", "the old man", "the boys"].map((who) =>
    swap(simple, done, (verb) => `${who} ${verb} ${after}`),
  ),
);
const modal = IRREGULAR.flatMap(([base, third, , , after]) =>
  ["he must", "she could not", "it may be that he will", "the man would"].map((start) =>
    swap(base, third, (verb) => `${start} ${verb} ${after}`),
  ),
);
const infinitive = IRREGULAR.flatMap(([base, , simple, , after]) =>
  ["he began to", "she was going to", "they did not wish to", "I did not"].map((start) =>
    swap(base, simple, (verb) => `${start} ${verb} ${after}`),
  ),
);

const adjectiveOrder = ADJECTIVES.flatMap((adjective) =>
  THINGS.flatMap(([noun]) =>
    ["he saw the #", "she came to a #", "it was a #", "they spoke of the #"].map((frame) =>
      swap(`${adjective} ${noun}`, `${noun} ${adjective}`, (np) => frame.replace("#", np)),
    ),
  ),
);
const questionOrder = PEOPLE.flatMap(({ one }) =>
  ["where has # gone", "why did # go away", "what does # want", "when will # come"].map(
    (frame): Pair => {
      const [, wh, verb, rest] = /^(\w+) (\w+) # (.*)$/.exec(frame)!;
      return [
        capital(`${wh} ${verb} the ${one} ${rest}?`),
        capital(`${wh} ${rest} the ${one} ${verb}?`),
      ];
    },
  ),
);
const prepositionOrder = PEOPLE.flatMap(({ one }) =>
  PLACES.map((where) =>
    swap(
      where,
      where.replace(/^(\w+) the (\w+)$/, "the $1 $2"),
      (pp) => `the ${one} was sitting ${pp}`,
    ),
  ),
);

const article = [
  ["an", "a", "old man"],
  ["an", "a", "hour"],
  ["an", "a", "evening"],
  ["an", "a", "island"],
  ["an", "a", "open door"],
  ["a", "an", "young man"],
  ["a", "an", "little boy"],
  ["a", "an", "ship"],
  ["a", "an", "good woman"],
  ["a", "an", "moment"],
] as const;
const articles = article.flatMap(([good, bad, noun]) =>
  ["he thought of", "it was", "she spoke of", "there was"].map((start) =>
    swap(good, bad, (word) => `${start} ${word} ${noun}`),
  ),
);

const cases = [
  ["him", "he"],
  ["her", "she"],
  ["them", "they"],
  ["me", "I"],
  ["us", "we"],
] as const;
const pronounCase = cases.flatMap(([object, subject]) => [
  ...["the old man gave # the letter", "there was nothing between # and the door"].map((frame) =>
    swap(object, subject, (word) => frame.replace("#", word)),
  ),
  ...[
    "the captain looked at # for a moment",
    "he would not go without #",
    "she sat down beside #",
  ].map((frame) => swap(object, subject, (word) => frame.replace("#", word))),
  ...["# went down to the river", "# could not find the way"].map((frame) =>
    swap(subject, object, (word) => frame.replace("#", word)),
  ),
]);

const existential = [...THINGS, ...PEOPLE.map(({ one, many }) => [one, many] as const)].flatMap(
  ([one, many]) => [
    swap("was", "were", (verb) => `there ${verb} a ${one} before the house`),
    swap("were", "was", (verb) => `there ${verb} many ${many} in the town`),
  ],
);

const comparative = [
  ["older", "old"],
  ["greater", "great"],
  ["better", "good"],
  ["younger", "young"],
  ["stronger", "strong"],
].flatMap(([more, plain]) =>
  ["his brother", "the other", "any man in the town", "she had thought", "his father", "I am"].map(
    (than) => swap(more!, plain!, (word) => `he was much ${word} than ${than}`),
  ),
);

const negative = [
  "been so happy",
  "seen the sea",
  "heard the story",
  "thought of it",
  "spoken to her",
].flatMap((what) =>
  ["in his life", "at all", "till now"].flatMap((end) =>
    ["he", "she", "the man", "the girl"].map((who) =>
      swap("had never", "had ever", (word) => `${who} ${word} ${what} ${end}`),
    ),
  ),
);

/** All paradigms, in the order of the file. */
export const PARADIGMS: readonly Paradigm[] = [
  { uid: "subject_be", field: "morphology", term: "subject_verb_agreement", pairs: subjectBe },
  { uid: "subject_have", field: "morphology", term: "subject_verb_agreement", pairs: subjectHave },
  { uid: "subject_verb", field: "morphology", term: "subject_verb_agreement", pairs: subjectVerb },
  {
    uid: "subject_attractor",
    field: "morphology",
    term: "subject_verb_agreement",
    pairs: attractor,
  },
  { uid: "pronoun_verb", field: "morphology", term: "subject_verb_agreement", pairs: pronounVerb },
  {
    uid: "determiner_noun",
    field: "morphology",
    term: "determiner_noun_agreement",
    pairs: determiner(THINGS, [""]),
  },
  {
    uid: "determiner_adjective_noun",
    field: "morphology",
    term: "determiner_noun_agreement",
    pairs: determiner(THINGS, ["old ", "little ", "beautiful "]),
  },
  {
    uid: "determiner_irregular_noun",
    field: "morphology",
    term: "determiner_noun_agreement",
    pairs: determiner(IRREGULAR_NOUNS, ["", "old ", "poor "]),
  },
  { uid: "anaphor_gender", field: "morphology", term: "anaphor_agreement", pairs: anaphorGender },
  { uid: "anaphor_number", field: "morphology", term: "anaphor_agreement", pairs: anaphorNumber },
  { uid: "irregular_participle", field: "morphology", term: "irregular_forms", pairs: participle },
  { uid: "irregular_past", field: "morphology", term: "irregular_forms", pairs: past },
  { uid: "modal_verb", field: "morphology", term: "verb_form", pairs: modal },
  { uid: "infinitive", field: "morphology", term: "verb_form", pairs: infinitive },
  { uid: "comparative", field: "morphology", term: "comparison", pairs: comparative },
  { uid: "article", field: "morphology", term: "article_form", pairs: articles },
  { uid: "pronoun_case", field: "morphology", term: "case", pairs: pronounCase },
  { uid: "adjective_order", field: "syntax", term: "word_order", pairs: adjectiveOrder },
  { uid: "preposition_order", field: "syntax", term: "word_order", pairs: prepositionOrder },
  { uid: "question_order", field: "syntax", term: "word_order", pairs: questionOrder },
  { uid: "existential", field: "syntax", term: "existential_there", pairs: existential },
  { uid: "negative_polarity", field: "semantics", term: "npi_licensing", pairs: negative },
];
