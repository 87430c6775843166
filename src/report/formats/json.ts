import type { Report } from "../../model/report.ts";

/** A list of numbers as `JSON.stringify` spreads it over lines; no text holds a bare line break. */
const SPREAD_NUMBERS = /\[\n\s+(?:-?[\d.eE+-]+|null)(?:,\n\s+(?:-?[\d.eE+-]+|null))*\n\s+\]/g;

/** The report itself. Numbers are written shortest; lists of numbers take one line. */
export const renderJson = (report: Report): string =>
  `${JSON.stringify(report, null, 2).replaceAll(SPREAD_NUMBERS, (list) => list.replaceAll(/\n\s+/g, ""))}\n`;
