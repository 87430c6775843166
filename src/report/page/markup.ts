/** Pieces of a page. Whatever comes from a report goes through `escapeText`. */
import { escapeText } from "../figures/svg.ts";
import type { Chart } from "./chart.ts";

/** Widths that figures are drawn for: screens and paper, phones. */
export const WIDE = 860;
/** Figures that stand two in a row. */
const HALF = 490;
const NARROW = 330;

export const paragraph = (text: string, kind = ""): string =>
  `<p${kind === "" ? "" : ` class="${kind}"`}>${escapeText(text)}</p>`;

export const section = (id: string, title: string, content: string): string =>
  content === ""
    ? ""
    : `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeText(title)}</h2>${content}</section>`;

/** A drawing for wide screens and one for narrow ones; the style sheet shows one of them. */
export function figure({ id, title, draw, scales = false }: Chart, wide = WIDE): string {
  const body = scales
    ? draw(wide)
    : `<div class="wide">${draw(wide)}</div><div class="narrow">${draw(NARROW)}</div>`;
  return `<figure id="figure-${escapeText(id)}"><figcaption>${escapeText(title)}</figcaption>${body}</figure>`;
}

/** Placements that have a figure of their own on a page; a folder of figures has all. */
const MOST_ALIKE = 10;

/** The first figure in view, the others behind their names. */
export function firstAndOthers(charts: readonly Chart[]): string {
  const [first, ...others] = charts;
  if (first === undefined) return "";
  const left = charts.length - MOST_ALIKE;
  const note = left > 0 ? paragraph(`${left} more are written by --out FOLDER/`, "note") : "";
  const behind = others
    .slice(0, MOST_ALIKE - 1)
    .map((chart) => details(chart.title, figure(chart)));
  return figure(first) + behind.join("") + note;
}

/** Figures beside each other where there is room. */
export const pairOf = (charts: readonly Chart[]): string =>
  charts.length === 0
    ? ""
    : `<div class="pair">${charts.map((c) => figure(c, HALF)).join("")}</div>`;

export const details = (summary: string, content: string): string =>
  content === "" ? "" : `<details><summary>${escapeText(summary)}</summary>${content}</details>`;

export interface Cell {
  readonly text: string;
  readonly kind?: string;
}

/** A table that scrolls within itself; the first cell of a row names it. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  kind = "",
): string {
  const cellOf = (cell: string | Cell): Cell => (typeof cell === "string" ? { text: cell } : cell);
  const body = rows.map((row) => {
    const cells = row.map(cellOf).map(({ text, kind: own = "" }, i) => {
      const style = own === "" ? "" : ` class="${own}"`;
      return i === 0
        ? `<th scope="row"${style}>${escapeText(text)}</th>`
        : `<td${style}>${escapeText(text)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const head = heads.map((title) => `<th scope="col">${escapeText(title)}</th>`).join("");
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeText(caption)}"><table class="${kind}"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

/** JSON within a script element: nothing in it can end the element. */
export const embeddedJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
