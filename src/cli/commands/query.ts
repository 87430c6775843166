import { extname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../../model/issue.ts";
import { csvLines } from "../../report/formats/csv.ts";
import { textTable } from "../../report/text-table.ts";
import { writeWhole } from "../files.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { openDatabase } from "../store/database.ts";

type Cell = string | number | boolean | null;
interface Answer {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const WRITERS: Readonly<Record<string, (answer: Answer) => string>> = {
  ".csv": ({ names, rows }) => csvLines([names, ...rows]),
  ".json": ({ names, rows }) =>
    `${JSON.stringify(
      rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
      null,
      2,
    )}\n`,
};

/** `ohmoe query DIR "SQL"`: SQL on the table `results` of an exploration. */
export async function query(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const folder = reader.text("folder") ?? "";
  const sql = reader.text("sql") ?? "";
  const files = reader.texts("out");
  for (const file of files)
    if (WRITERS[extname(file)] === undefined)
      reader.refuse("out", `names that end in ${Object.keys(WRITERS).join(", ")}`);
  reader.check();
  const answer = await ask(await openDatabase(folder), sql);
  for (const file of files) {
    writeWhole(file, WRITERS[extname(file)]!(answer));
    process.stderr.write(`wrote ${file}\n`);
  }
  if (options["quiet"] !== true) print(answer);
  return 0;
}

async function ask(connection: DuckDBConnection, sql: string): Promise<Answer> {
  try {
    const result = await connection.runAndReadAll(sql);
    return { names: result.columnNames(), rows: result.getRowsJS().map((row) => row.map(cell)) };
  } catch (error) {
    const [found = "", ...more] = String((error as Error).message)
      .trim()
      .split("\n");
    const hint = more.find((line) => line.startsWith("Candidate bindings"));
    throw new InputError("SQL", [
      {
        pointer: "",
        found,
        allowed: "one SELECT of DuckDB's SQL on the table `results`",
        hint: hint ?? 'columns: ohmoe query DIR "DESCRIBE results"',
      },
    ]);
  } finally {
    connection.closeSync();
  }
}

/** What JSON can say; big integers become numbers where that is exact. */
function cell(value: unknown): Cell {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return typeof value === "string" || typeof value === "boolean" ? value : String(value);
}

/** More lines than this are for a file. */
const PRINTED_ROWS = 200;

function print({ names, rows }: Answer): void {
  const shown = rows.slice(0, PRINTED_ROWS);
  const aligns = names.map((_, i) =>
    rows.some((row) => typeof row[i] === "string") ? ("left" as const) : ("right" as const),
  );
  process.stdout.write(
    `${textTable(
      names,
      shown.map((row) => row.map(text)),
      aligns,
    )}\n`,
  );
  if (rows.length > shown.length)
    process.stderr.write(`${shown.length} of ${rows.length} rows; --out FILE.csv has all\n`);
}

const text = (value: Cell): string => {
  if (value === null) return "-";
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
};
