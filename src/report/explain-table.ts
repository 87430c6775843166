/** Diagnoses of matrices, summed up by layer and module, for the terminal. */
import Table from "cli-table3";
import { group } from "d3-array";
import type { ReportDiagnostic } from "../model/report.ts";

/** Columns of effects are named by their first letters, to fit beside each other. */
const SHORT: Readonly<Record<string, string>> = {
  programming: "progr.",
  output_noise: "out.n.",
  read_noise: "read.n.",
};

/** Root of the mean square: errors of matrices of one module and layer. */
const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;

const percent = (share: number | null): string =>
  share === null ? "-" : share === 0 ? "0" : `${(100 * share).toPrecision(2)}%`;

/** Mean of what is not null; null where nothing is. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}

type Rows = readonly ReportDiagnostic[];

/** A title, and what it says of some matrices. */
type Column = readonly [string, (rows: Rows) => string];

const COLUMNS: readonly Column[] = [
  ["n", (rows) => `${rows.length}`],
  ["clipped\nin", (rows) => percent(meanOf(rows.map((r) => r.clipped_inputs_frac)))],
  ["clipped\nout", (rows) => percent(meanOf(rows.map((r) => r.clipped_outputs_frac)))],
  ["ADC\nstep", (rows) => percent(meanOf(rows.map((r) => r.adc_step_frac)))],
  ["drift\nfactor", (rows) => mean(rows.map((r) => r.drift_factor)).toFixed(3)],
  ["SNR\ndB", (rows) => (-20 * Math.log10(rms(rows.map((r) => r.error_rms)))).toFixed(1)],
  ["error", (rows) => percent(rms(rows.map((r) => r.error_rms)))],
];

/** Two tables a placement: converters and errors; then the error of each effect alone. */
export function renderDiagnostics(diagnostics: Rows): string {
  return [...group(diagnostics, ({ placement }) => placement)]
    .map(([placement, rows]) => `${placement}\n\n${tables(rows)}`)
    .join("\n\n");
}

function tables(rows: Rows): string {
  const effects = [
    ...new Set(rows.flatMap((r) => r.effects.flatMap((e) => (e.error_rms > 0 ? [e.effect] : [])))),
  ];
  const alone = effects.map((effect): Column => {
    const errorOf = (row: ReportDiagnostic): number =>
      row.effects.find((e) => e.effect === effect)?.error_rms ?? 0;
    return [SHORT[effect] ?? effect.replace("_", "\n"), (some) => percent(rms(some.map(errorOf)))];
  });
  return [tableOf(rows, COLUMNS), "", "error of each effect alone", "", tableOf(rows, alone)].join(
    "\n",
  );
}

function tableOf(rows: Rows, columns: readonly Column[]): string {
  const table = new Table({
    head: ["layer", "module", ...columns.map(([title]) => title)],
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 1 },
    chars: NO_LINES,
    colAligns: ["right", "left", ...columns.map(() => "right" as const)],
  });
  for (const [layer, modules] of group(
    rows,
    (r) => r.layer,
    (r) => r.module,
  ))
    for (const [module, own] of modules)
      table.push([layer < 0 ? "" : layer, module, ...columns.map(([, cell]) => cell(own))]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const SIDES = ["top", "bottom", "left", "right"];
const NO_LINES = Object.fromEntries(
  [...SIDES, "mid", "middle"].flatMap((side) => [
    [side, ""],
    [`${side}-mid`, ""],
    [`${side}-left`, ""],
    [`${side}-right`, ""],
  ]),
);
