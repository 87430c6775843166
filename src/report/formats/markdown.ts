import type { Report } from "../../model/report.ts";
import { columnsOf } from "../columns.ts";
import { conditionTable } from "../conditions.ts";
import { cellText } from "../quantity.ts";
import { energyByComponent, evidenceLines, headline } from "../summary.ts";

const escapeCell = (text: string): string =>
  text
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\r\n]+/g, " ");

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;
  const rule = line(titles.map((_, i) => (i === 0 ? ":--" : "--:")));
  return [line(titles), rule, ...rows.map(line)].join("\n");
}

const bullets = (lines: readonly string[]): string =>
  lines.map((l) => `- ${escapeCell(l)}`).join("\n");

function conditions(report: Report): string[] {
  const found = conditionTable(report);
  return found === null ? [] : [`## ${found.title}`, table(found.head, found.rows)];
}

/** The report for people: table, where the energy goes, what the figures rest on. */
export function renderMarkdown(report: Report): string {
  const columns = columnsOf(report);
  const parts = [
    `# ${escapeCell(headline(report))}`,
    table(
      columns.map(({ title }) => title),
      report.rows.map((row) => columns.map((column) => cellText(row, column))),
    ),
    bullets(report.notes),
    ...conditions(report),
    "## Energy of the decode phase by component",
    table(
      ["Component", ...report.rows.map(({ placement }) => placement)],
      energyByComponent(report).map(({ component, cells }) => [component, ...cells]),
    ),
    "## What the figures rest on",
    bullets(evidenceLines(report)),
    "## Inputs",
    bullets([
      `arch ${report.inputs.arch.name}, SHA-256 ${report.inputs.arch.sha256}`,
      `workload ${report.inputs.workload.name}, SHA-256 ${report.inputs.workload.sha256}`,
      ...(report.inputs.text
        ? [`text ${report.inputs.text.name}, SHA-256 ${report.inputs.text.sha256}`]
        : []),
      `ohmoe ${report.version}, level ${report.level}, seed ${report.seed}, again with: ${report.command}`,
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
