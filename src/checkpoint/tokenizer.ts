/** Text to token ids, by the rules of a checkpoint's `tokenizer.json`. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { InputError } from "../model/issue.ts";

export interface Tokenizer {
  /**
   * Ids of a text as it is; no start token is put before it. Takes about 1.5 s for a megabyte.
   *
   * The text is encoded in one piece: splitting it would be no faster, and tokens may span line
   * ends.
   */
  readonly encode: (text: string) => Int32Array;
  /** The token that starts a text; null if the config names none that the vocabulary has. */
  readonly startId: number | null;
}

/**
 * Makes a tokenizer from the parsed contents of `tokenizer.json` and `tokenizer_config.json`.
 *
 * @param file name of `tokenizer.json`, for messages
 * @param config contents of `tokenizer_config.json`; `{}` if there is no such file
 * @throws InputError if the contents do not describe a tokenizer
 */
export function createTokenizer(file: string, json: unknown, config: unknown): Tokenizer {
  const settings = isRecord(config) ? config : {};
  const tokenizer = parse(file, json, settings);
  const startToken = settings["bos_token"];
  const start = isRecord(startToken) ? startToken["content"] : startToken;
  return {
    encode: (text) => Int32Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids),
    startId: (typeof start === "string" ? tokenizer.token_to_id(start) : undefined) ?? null,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(file: string, json: unknown, config: object): HuggingFaceTokenizer {
  const refuse = (pointer: string, found: string, allowed: string): never => {
    throw new InputError(file, [{ pointer, found, allowed }]);
  };
  if (!isRecord(json)) return refuse("", "no JSON object", "the contents of a tokenizer.json");
  if (!isRecord(json["model"]))
    return refuse("/model", "nothing", "a tokenizer model with its vocabulary");
  try {
    return new HuggingFaceTokenizer(json, config);
  } catch (error) {
    return refuse("", String(error), "a tokenizer.json that @huggingface/tokenizers can read");
  }
}
