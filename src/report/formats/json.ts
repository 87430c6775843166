import type { Report } from "../../model/report.ts";

/** The report itself. Floating-point rounding dust never shows: numbers are written shortest. */
export const renderJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
