/**
 * The database of an exploration, made from its journal: a DuckDB file to ask, a Parquet file for
 * other tools. Both are derived: they can be deleted and are made again when the journal has grown.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../../explore/row.ts";
import { InputError } from "../../model/issue.ts";
import { JOURNAL, type JournalHeader } from "../explore/journal.ts";
import { wholeLines } from "../explore/lines.ts";
import { readJournal } from "../explore/read-journal.ts";
import { fileError } from "../files.ts";

export const DATABASE = "results.duckdb";
export const PARQUET = "results.parquet";

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: "VARCHAR",
  number: "DOUBLE",
  integer: "BIGINT",
  boolean: "BOOLEAN",
};

/** What all rows have in common is a column too, so that a row can be read without its file. */
const FROM_HEADER = [
  "version",
  "kernel",
  "space_sha256",
  "workload_sha256",
  "checkpoint_sha256",
  "text_sha256",
] as const satisfies readonly (keyof JournalHeader)[];

/** A text as SQL. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A name as SQL. */
const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Opens the database of an exploration's folder for reading, after making it anew where the
 * journal has grown since.
 *
 * @param folder `--out` of `ohmoe explore`
 * @throws InputError if there is no journal, or a damaged one, or no room for the database
 */
export async function openDatabase(folder: string): Promise<DuckDBConnection> {
  const file = join(folder, DATABASE);
  if (!(await isCurrent(folder))) await writeDatabase(folder);
  return connect(file, { access_mode: "READ_ONLY" });
}

/** Makes DuckDB and Parquet files from the journal; each is whole or not there. */
export async function writeDatabase(folder: string): Promise<void> {
  const journal = join(folder, JOURNAL);
  const content = existsSync(journal) ? readJournal(journal) : null;
  if (content === null) throw noJournal(folder);
  const temporary = join(folder, `.${DATABASE}.${process.pid}.tmp`);
  mkdirSync(temporary, { recursive: true });
  try {
    const connection = await connect(join(temporary, DATABASE), {});
    await connection.run(tableOf(journal, content.header));
    await checkCount(connection, journal);
    const parquet = join(temporary, PARQUET);
    await connection.run(`COPY results TO ${quoted(parquet)} (FORMAT parquet)`);
    // Else a small table stays in a log beside the file, which is not moved with it.
    await connection.run("CHECKPOINT");
    connection.closeSync();
    for (const name of [DATABASE, PARQUET]) renameSync(join(temporary, name), join(folder, name));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fileError(join(folder, DATABASE), error, "a database that can be written");
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function connect(
  file: string,
  options: Readonly<Record<string, string>>,
): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(file, options);
  return instance.connect();
}

/** The journal's lines, typed; the header is the one line without a point. */
function tableOf(journal: string, header: JournalHeader): string {
  const types = header.columns.map(
    ({ name, type }) => `${named(name)}: ${quoted(SQL_TYPES[type])}`,
  );
  const shared = FROM_HEADER.map((field) => {
    const value = header[field];
    return `${value === null ? "NULL::VARCHAR" : quoted(value)} AS ${field}`;
  });
  const lines = `read_json(${quoted(journal)}, format = 'newline_delimited', ignore_errors = true,
    columns = {${types.join(", ")}})`;
  return `CREATE TABLE results AS SELECT *, ${shared.join(", ")} FROM ${lines} WHERE point IS NOT NULL;
    CREATE TABLE journal AS SELECT ${statSync(journal).size}::BIGINT AS size_B`;
}

/** DuckDB leaves out what it cannot read: a torn last line, but nothing else, may be missing. */
async function checkCount(connection: DuckDBConnection, journal: string): Promise<void> {
  const reader = await connection.runAndReadAll("SELECT count(*)::DOUBLE FROM results");
  const found = Number(reader.getRows()[0]?.[0]);
  let lines = -1;
  for (const _line of wholeLines(journal)) lines++;
  if (found === lines) return;
  // Names the damaged line, if that is why.
  for (const _row of readJournal(journal)?.rows ?? []);
  throw new InputError(journal, [
    { pointer: "", found: `${found} readable rows`, allowed: `${lines}, one per line` },
  ]);
}

/** Is there a database of the journal as it is now? */
async function isCurrent(folder: string): Promise<boolean> {
  const file = join(folder, DATABASE);
  const journal = join(folder, JOURNAL);
  if (!existsSync(journal)) throw noJournal(folder);
  if (!existsSync(file)) return false;
  const connection = await connect(file, { access_mode: "READ_ONLY" });
  const reader = await connection.runAndReadAll("SELECT size_B::DOUBLE FROM journal");
  connection.closeSync();
  return Number(reader.getRows()[0]?.[0]) === statSync(journal).size;
}

function noJournal(folder: string): InputError {
  return new InputError(folder, [
    {
      pointer: "",
      found: existsSync(folder) ? `no ${JOURNAL}` : "no such folder",
      allowed: "the --out folder of `ohmoe explore`",
    },
  ]);
}
