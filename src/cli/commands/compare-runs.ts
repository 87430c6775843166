import { extname } from "node:path";
import {
  type ComparableRow,
  type Difference,
  differences,
  isRegression,
} from "../../report/differences.ts";
import { csvLines } from "../../report/formats/csv.ts";
import { textTable } from "../../report/text-table.ts";
import { EXIT } from "../exit.ts";
import { writeWhole } from "../files.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { readRows } from "../store/comparable.ts";

interface Comparison {
  readonly compared: number;
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly differences: readonly Difference[];
}

const FIELDS = ["row", "field", "before", "after", "change_frac", "verdict"] as const;

/** `ohmoe compare-runs A B`: which rows changed, by how much. @returns 1 beyond `--max-regression` */
export async function compareRuns(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const [a = "", b = ""] = [reader.text("a"), reader.text("b")];
  const most_frac = reader.optionalReal("max-regression", 0, 1e6);
  const files = reader.texts("out");
  for (const file of files)
    if (extname(file) !== ".csv") reader.refuse("out", "names that end in .csv");
  reader.check();
  const comparison = compareRows(a, b);
  for (const file of files)
    writeWhole(file, csvLines([FIELDS, ...comparison.differences.map(cells)]));
  if (options["quiet"] !== true) process.stdout.write(summary(comparison));
  return verdict(comparison, most_frac);
}

function compareRows(a: string, b: string): Comparison {
  const before = new Map<string, ComparableRow>();
  for (const { name, row } of readRows(a)) before.set(name, row);
  const added: string[] = [];
  const found: Difference[] = [];
  let compared = 0;
  for (const { name, row } of readRows(b)) {
    const old = before.get(name);
    before.delete(name);
    if (old === undefined) added.push(name);
    else {
      compared++;
      found.push(...differences(name, old, row));
    }
  }
  return { compared, missing: [...before.keys()], added, differences: found };
}

const cells = (difference: Difference) => FIELDS.map((field) => difference[field]);

/** A field that changed: in how many rows, and the largest change. */
function fieldLine(field: string, all: readonly Difference[]): readonly string[] {
  const count = (verdict: Difference["verdict"]): string =>
    String(all.filter((d) => d.verdict === verdict).length);
  const largest = all.reduce((most, d) => (sizeOf(d) > sizeOf(most) ? d : most));
  return [field, count("worse"), count("better"), change(largest), clipped(largest.row, 30)];
}

const sizeOf = ({ change_frac }: Difference): number => Math.abs(change_frac ?? 0);

const change = ({ change_frac, before, after }: Difference): string =>
  change_frac === null
    ? clipped(`${before ?? "-"} to ${after ?? "-"}`, 20)
    : `${change_frac > 0 ? "+" : ""}${(change_frac * 100).toPrecision(3)} %`;

const clipped = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

function summary({ compared, missing, added, differences: all }: Comparison): string {
  const rows = new Set(all.map(({ row }) => row)).size;
  const lines = [`${compared} rows compared, ${rows} differ`];
  if (missing.length > 0)
    lines.push(`only in the first: ${missing.length}, for example ${missing[0]}`);
  if (added.length > 0) lines.push(`only in the second: ${added.length}, for example ${added[0]}`);
  if (all.length === 0) return `${lines.join("\n")}\n`;
  const fields = [...new Set(all.map(({ field }) => field))];
  const table = textTable(
    ["Field", "Worse", "Better", "Largest change", "In row"],
    fields.map((field) =>
      fieldLine(
        field,
        all.filter((d) => d.field === field),
      ),
    ),
    ["left", "right", "right", "right", "left"],
  );
  return `${[...lines, "", table].join("\n")}\n`;
}

/** Says what broke the check that the user asked for. */
function verdict({ missing, differences: all }: Comparison, most_frac: number | undefined): number {
  if (most_frac === undefined) return EXIT.ok;
  const worse = all.filter((difference) => isRegression(difference, most_frac));
  if (worse.length === 0 && missing.length === 0) return EXIT.ok;
  const parts = [
    ...(worse.length > 0
      ? [`${worse.length} values are worse by more than ${most_frac * 100} %`]
      : []),
    ...(missing.length > 0 ? [`${missing.length} rows are missing`] : []),
  ];
  process.stderr.write(`check failed: ${parts.join(", ")}\n`);
  return EXIT.failedCheck;
}
