/** Cells and tables of Markdown, and the values that they are made of. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { type Cell, keyOf } from "./cells.ts";
import type { Journal } from "./pool.ts";
import type { WithError } from "./shares.ts";

const rowOf = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]) {
  return [rowOf(head), rowOf(head.map(() => "---")), ...rows.map(rowOf), ""].join("\n");
}

/** A table under a heading; nothing where there are no rows. */
export const section = (
  heading: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  note = "",
): string =>
  rows.length === 0 ? "" : `${heading}\n\n${note === "" ? "" : `${note}\n\n`}${table(head, rows)}`;

/** Values of a cell, seed by seed, as far as they are there. */
export function valuesOf(journal: Journal, model: string, cell: Cell, seeds: number): number[] {
  const values: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const value = journal.get(keyOf(model, cell, seed));
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}

/** The same less the loss of the all-digital model. */
export function risesOf(journal: Journal, model: string, cell: Cell, seeds: number): number[] {
  const digital = journal.get(`${model}|nll|digital`);
  if (digital === undefined) return [];
  return valuesOf(journal, model, cell, seeds).map((nll) => nll - digital);
}

/** Mean ± standard error. */
export function meanOf(values: readonly number[], digits = 4): string {
  if (values.length === 0) return "-";
  const { mean, sem } = estimate(values);
  return `${mean.toFixed(digits)}${sem === null ? "" : ` ± ${sem.toFixed(digits)}`}`;
}

export const withError = ({ value, sem }: WithError, digits = 2): string =>
  `${value.toFixed(digits)} ± ${sem.toFixed(digits)}`;

export const percent = (share: number): string => `${100 * share} %`;

export const withSign = (x: number): string => `${x < 0 ? "" : "+"}${x.toFixed(4)}`;

export const significance = (p: number | null): string => {
  if (p === null) return "-";
  return p < 1e-9 ? "< 1e-9" : p.toPrecision(2);
};
