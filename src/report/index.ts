import type { Report } from "../model/report.ts";
import { renderCsv } from "./formats/csv.ts";
import { renderJson } from "./formats/json.ts";
import { renderMarkdown } from "./formats/markdown.ts";

export interface Format {
  readonly summary: string;
  readonly extension: string;
  readonly render: (report: Report) => string;
}

/** Every format of a report file. The ending of a file picks the format. */
export const formats = {
  json: { summary: "the whole report, for programs", extension: ".json", render: renderJson },
  csv: { summary: "one line per placement, every field", extension: ".csv", render: renderCsv },
  markdown: { summary: "tables for people", extension: ".md", render: renderMarkdown },
} as const satisfies Record<string, Format>;
