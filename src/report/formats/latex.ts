import type { Report } from "../../model/report.ts";
import { columnsOf } from "../columns.ts";
import { cellText } from "../quantity.ts";
import { headline } from "../summary.ts";

const ESCAPED: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
};

/** Text that LaTeX sets as it is. */
const escapeLatex = (text: string): string =>
  text.replaceAll(/[\\{}$&#%_^~<>|"]/g, (char) => ESCAPED[char]!).replaceAll(/\s+/g, " ");

/** "214 uJ" to "214~\textmu J": figures in text mode, nothing breaks between number and unit. */
const cell = (text: string): string =>
  text === "-"
    ? "--"
    : escapeLatex(text)
        .replace(/^([\d.]+) u(?=[A-Za-z])/, "$1~\\textmu{}")
        .replace(/^([\d.]+) (?=[A-Za-z])/, "$1~")
        .replaceAll("±", "$\\pm$");

/** A `table` with `booktabs` rules; columns without a value are left out. */
export function renderLatex(report: Report): string {
  const columns = columnsOf(report).filter(({ field }) =>
    report.rows.some((row) => row[field] !== null),
  );
  const line = (cells: readonly string[]): string => `    ${cells.join(" & ")} \\\\`;
  const rows = report.rows.map((row) =>
    line(
      columns.map((column) =>
        column.field === "placement" ? escapeLatex(row.placement) : cell(cellText(row, column)),
      ),
    ),
  );
  return [
    "% needs \\usepackage{booktabs,textcomp}",
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${escapeLatex(headline(report))}}`,
    `  \\begin{tabular}{l${"r".repeat(columns.length - 1)}}`,
    "    \\toprule",
    line(columns.map(({ title }) => escapeLatex(title).replace("mm2", "mm$^2$"))),
    "    \\midrule",
    ...rows,
    "    \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}
