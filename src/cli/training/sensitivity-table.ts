/** Sensitivities as a table: wide for files, 80 columns for terminals. */
import { textTable } from "../../report/text-table.ts";
import { NONIDEALITY_NAMES, nonideality } from "../../training/tolerance/nonidealities.ts";
import type { Tolerance } from "../../training/tolerance/search.ts";
import { EQUAL_ERROR, type Sensitivity } from "../../training/trials/sensitivity.ts";
import { VERSIONS } from "../../training/trials/trials.ts";
import { starText } from "./texts.ts";

export const SENSITIVITY_HEAD = [
  "nonideality",
  "unit",
  ...VERSIONS.map((version) => `tolerance, ${version}`),
  "value of equal error",
  ...VERSIONS.map((version) => `A*, ${version}`),
];

/** A row per nonideality, two columns per version. */
export function sensitivityRows(found: readonly Sensitivity[]): readonly (readonly string[])[] {
  return NONIDEALITY_NAMES.flatMap((name) => {
    const own = VERSIONS.map((v) => found.find((s) => s.name === name && s.version === v));
    if (own.every((s) => s === undefined)) return [];
    const equal = own.find((s) => s?.atEqualError)?.atEqualError;
    return [
      [
        name,
        nonideality(name).unit,
        ...own.map((s) => (s === undefined ? "" : toleranceText(s.tolerance))),
        equal ? `${plain(equal.value)} (${(100 * equal.error).toFixed(0)} %)` : "-",
        ...own.map((s) => (s?.atEqualError ? starText(s.atEqualError.normalised) : "-")),
      ],
    ];
  });
}

const TERMINAL_HEAD = [
  "Nonideality",
  "Version",
  "Tolerance\n(1 standard error away)",
  `A* at ${100 * EQUAL_ERROR} %\nMVM error, %`,
];

/** A row per nonideality and version; units and values of equal error below. */
export function sensitivityText(found: readonly Sensitivity[]): string {
  const rows = found.map(({ name, version, tolerance, atEqualError }, i) => [
    found[i - 1]?.name === name ? "" : name,
    version,
    toleranceText(tolerance),
    atEqualError ? starText(atEqualError.normalised).replace(" %", "") : "-",
  ]);
  const notes = found
    .filter(({ name }, i) => found[i - 1]?.name !== name)
    .map(({ name, atEqualError: at }) => {
      const equal = at ? `; MVM error ${(100 * at.error).toFixed(0)} % at ${plain(at.value)}` : "";
      return `- ${name}: ${nonideality(name).unit}${equal}`;
    });
  const table = textTable(TERMINAL_HEAD, rows, ["left", "left", "left", "right"]);
  return [table, "", ...notes].join("\n");
}

/** Three significant digits, without an exponent. */
export const plain = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * `0.123 (0.118 to 0.130)`: where A* passes the goal, and where it does one standard error away;
 * `> 40`: the whole axis passes; `none`: not even the mildest does.
 */
export function toleranceText(tolerance: Tolerance | null): string {
  if (tolerance === null) return "-";
  const { value, low, high, isBeyond } = tolerance;
  if (value === null) return "none";
  if (isBeyond) return `beyond ${plain(value)}`;
  if (low === high) return plain(value);
  const end = (at: number | null): string => (at === null ? "?" : plain(at));
  return `${plain(value)} (${end(low)} to ${end(high)})`;
}
