import type { Report } from "../model/report.ts";
import { renderCsv } from "./formats/csv.ts";
import { renderJson } from "./formats/json.ts";
import { renderLatex } from "./formats/latex.ts";
import { renderMarkdown } from "./formats/markdown.ts";

export interface Format {
  readonly summary: string;
  readonly extension: string;
  /**
   * Null: not made of a report, but while the run goes on. `png` gives SVG that the shell turns
   * into pixels.
   */
  readonly render: ((report: Report) => string | Promise<string>) | null;
}

/** Every format of a report file. The ending of a file picks the format. */
export const formats = {
  json: { summary: "the whole report, for programs", extension: ".json", render: renderJson },
  csv: { summary: "one line per placement, every field", extension: ".csv", render: renderCsv },
  markdown: { summary: "tables for people", extension: ".md", render: renderMarkdown },
  html: {
    summary: "one page that needs nothing else, with all figures",
    extension: ".html",
    // Loaded when it is written: pages are the largest part of the program.
    render: async (report) => (await import("./formats/html.ts")).renderHtml(report),
  },
  latex: { summary: "the table, for papers", extension: ".tex", render: renderLatex },
  svg: {
    summary: "the main figures on one sheet; a name that ends in / is a folder of all figures",
    extension: ".svg",
    render: async (report) => (await import("./formats/svg.ts")).renderSvg(report),
  },
  png: {
    summary: "the same as pixels",
    extension: ".png",
    render: async (report) => (await import("./formats/svg.ts")).renderSvg(report),
  },
  timeline: {
    summary: "every op in time, for Perfetto or chrome://tracing; compare and run, level simulate",
    extension: ".trace.json",
    render: null,
  },
  "timeline-gz": { summary: "the same, gzipped", extension: ".trace.json.gz", render: null },
} as const satisfies Record<string, Format>;
