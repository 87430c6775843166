/** Two things that can be compared row by row: reports and explorations. */
import { join } from "node:path";
import type { PointRow } from "../../explore/row.ts";
import { parseReport } from "../../input/parse-report.ts";
import { InputError } from "../../model/issue.ts";
import type { ComparableRow } from "../../report/differences.ts";
import { JOURNAL } from "../explore/journal.ts";
import { readJournal } from "../explore/read-journal.ts";
import { isFolder } from "../files.ts";
import { readJsonFile } from "../inputs.ts";

export interface NamedRow {
  /** The same in both runs. */
  readonly name: string;
  readonly row: ComparableRow;
}

/**
 * Rows of a report JSON, named by placement, or of an exploration's folder, named by stage and
 * variable values; one pass.
 *
 * @throws InputError if it is neither
 */
export function readRows(path: string): Iterable<NamedRow> {
  if (!isFolder(path)) {
    const { rows } = parseReport(readJsonFile(path), path);
    return rows.map((row) => ({ name: row.placement, row }));
  }
  const file = join(path, JOURNAL);
  const journal = readJournal(file);
  if (journal === null)
    throw new InputError(file, [
      { pointer: "", found: "an empty file", allowed: "a journal that `ohmoe explore` began" },
    ]);
  return named(journal.rows, journal.header.variables);
}

function* named(rows: Iterable<PointRow>, variables: readonly string[]): Generator<NamedRow> {
  for (const row of rows) {
    const values = variables.map((variable) => `${variable}=${row[variable]}`);
    yield { name: [row.stage, ...values].join(" "), row };
  }
}
