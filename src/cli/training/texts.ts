/** Figures of trials as people read them. */
import type { Estimate } from "../../accuracy/statistics.ts";
import type { ErrorMeasure } from "../../training/metric/errors.ts";

/** `3600` to `1 hour`. */
export function ageText(age_s: number): string {
  const [size, unit] = UNITS.find(([s]) => age_s >= s && age_s % s === 0) ?? [1, "second"];
  const count = age_s / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
const UNITS = [
  [31_536_000, "year"],
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
] as const;

/** Percent of wrong answers, or nats; with the standard error where there is one. */
export function errorText(measure: ErrorMeasure, error: number | Estimate): string {
  const { mean, sem } = typeof error === "number" ? { mean: error, sem: null } : error;
  const [factor, digits, unit] = measure === "wrong" ? [100, 2, " %"] : [1, 4, " nats"];
  const spread = sem === null ? "" : ` ± ${(sem * factor).toFixed(digits)}`;
  return `${(mean * factor).toFixed(digits)}${spread}${unit}`;
}

/** A* in percent. */
export function starText({ mean, sem }: Estimate): string {
  const spread = sem === null ? "" : ` ± ${(sem * 100).toFixed(2)}`;
  return `${(mean * 100).toFixed(2)}${spread} %`;
}
