/** The one unit of each quantity in files and reports. A field ends in `_` and one of these. */
export const UNIT_SUFFIXES = {
  ns: "nanoseconds: time in files and reports",
  ps: "picoseconds: time inside the timing model, whole numbers only",
  s: "seconds: age of a programmed device",
  pJ: "picojoules: energy",
  fJ: "femtojoules: energy per elementary step",
  mW: "milliwatts: power",
  um2: "square micrometres: area of a component",
  mm2: "square millimetres: area of a chip",
  nm: "nanometres: technology node",
  bits: "bits: precision",
  B: "bytes: amount of data",
  GBps: "1e9 bytes per second: bandwidth",
  GHz: "1e9 per second: clock frequency",
  GMACps: "1e9 multiply-accumulates per second",
  GOPps: "1e9 element operations per second",
  uS: "microsiemens: conductance",
  V: "volts: voltage",
  K: "kelvin: temperature",
  frac: "share of one, 0 to 1",
  rms: "relative root-mean-square error",
  dB: "decibels: 10 log10 of a ratio of powers",
  nats: "natural-logarithm units: loss, divergence",
  sem: "standard error of the mean, in the unit of the mean",
  per_B: "energy per byte, after its own unit",
  per_token: "energy per token, after its own unit",
  per_s: "per second, after what is counted",
  per_J: "per joule, after what is counted",
} as const;
export type UnitSuffix = keyof typeof UNIT_SUFFIXES;

/** Counts need no unit: they are plural nouns, alone or after a `_`, or say `per`. */
export const COUNTS = [
  "count",
  "rows",
  "cols",
  "tiers",
  "slices",
  "units",
  "lanes",
  "tiles",
  "nodes",
  "cores",
  "layers",
  "heads",
  "steps",
  "items",
  "features",
  "elements",
  "experts",
  "groups",
  "tokens",
  "hops",
  "flits",
  "channels",
  "seeds",
  "predictions",
  "ops",
  "writes",
  "crossbars",
  "cells",
  "instances",
  "seed",
  "batch",
  "points",
  "iterations",
  "copies",
  "links",
  "generations",
  "population",
  "arity",
  "concentration",
] as const;

/** `columns_per_adc`, `tokens_per_J`, `tiles_used`: a plural noun, then in one of what, or which. */
const COUNT_OF = /^[a-z]+s_(?:per_[A-Za-z]+|used|available|needed)$/;

/** Numbers without a unit that are no counts: ratios, factors, and ordinals of a layer or expert. */
export const PURE_NUMBERS = [
  "scale",
  "factor",
  "ratio",
  "exponent",
  "omega",
  "kappa",
  "epsilon",
  "theta",
  "std",
  "mean",
  "bound",
  "divisor",
  "perplexity",
  "rate",
  "chapters",
  "value",
] as const;

const endsWithWord = (field: string, words: readonly string[]): boolean =>
  words.some((word) => field === word || field.endsWith(`_${word}`));

/** The unit that a field carries, or undefined. The longest suffix wins: `pJ_per_B`, not `B`. */
export function unitOf(field: string): string | undefined {
  const compound = /_([A-Za-z0-9]+_per_(?:B|token|s|J))$/.exec(field)?.[1];
  if (compound !== undefined) return compound;
  const suffix = /_([^_]+)$/.exec(field)?.[1];
  return suffix !== undefined && suffix in UNIT_SUFFIXES ? suffix : undefined;
}

/** Does a numeric field say its unit, or that it has none? */
export function saysItsUnit(field: string): boolean {
  return (
    unitOf(field) !== undefined ||
    field === "bits" ||
    COUNT_OF.test(field) ||
    endsWithWord(field, COUNTS) ||
    endsWithWord(field, PURE_NUMBERS)
  );
}
