/** `--routing`: a recorded trace, or how choices are drawn. */
import { createRoutingTrace } from "../input/parse-trace.ts";
import type { Routing } from "../model/run.ts";
import { readJsonLinesFile } from "./inputs.ts";
import type { OptionReader } from "./options.ts";

export const ROUTING_FORMS = "uniform, zipf:S, bursts:TOKENS[:S], or a file that ends in .jsonl";

/** A failed reading goes on as uniform; the reader has noted the issue. */
const ANY: Routing = { kind: "uniform" };

export function readRouting(reader: OptionReader, option = "routing"): Routing {
  const text = reader.text(option) ?? "uniform";
  if (text === "uniform") return { kind: "uniform" };
  if (/\.jsonl$/.test(text)) return createRoutingTrace(readJsonLinesFile(text), text);
  const zipf = /^zipf:([^:]+)$/.exec(text);
  if (zipf) return readZipf(reader, option, Number(zipf[1]));
  const bursts = /^bursts:([^:]+)(?::([^:]+))?$/.exec(text);
  if (bursts) return readBursts(reader, option, Number(bursts[1]), Number(bursts[2] ?? 0));
  reader.refuse(option, ROUTING_FORMS);
  return ANY;
}

const isExponent = (s: number): boolean => s >= 0 && s <= 10;

function readZipf(reader: OptionReader, option: string, exponent: number): Routing {
  if (isExponent(exponent)) return { kind: "zipf", exponent };
  reader.refuse(option, "zipf:S with an exponent S from 0 to 10");
  return ANY;
}

function readBursts(
  reader: OptionReader,
  option: string,
  mean_tokens: number,
  exponent: number,
): Routing {
  if (mean_tokens >= 1 && mean_tokens <= 1e6 && isExponent(exponent))
    return { kind: "bursts", mean_tokens, exponent };
  reader.refuse(
    option,
    "bursts:TOKENS[:S], TOKENS from 1 to 1000000, and an exponent S from 0 to 10",
  );
  return ANY;
}
