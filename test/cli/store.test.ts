import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { emptyFolder, ohmoe, ROOT } from "./ohmoe.ts";

const COLUMNS = [
  { name: "point", type: "text" },
  { name: "index", type: "integer" },
  { name: "stage", type: "text" },
  { name: "adc_bits", type: "number" },
  { name: "energy_pJ_per_token", type: "number" },
  { name: "feasible", type: "boolean" },
];
const HEADER = {
  schema: "journal/1",
  version: "0.1.0",
  name: "a space's name",
  space_sha256: "5face",
  workload_sha256: "m0de1",
  checkpoint_sha256: null,
  text_sha256: null,
  kernel: "wasm",
  variables: ["adc_bits"],
  columns: COLUMNS,
};

const rowOf = (index: number, energy_pJ_per_token: number | null) => ({
  point: `p${index}`,
  index,
  stage: "screening",
  adc_bits: 4 + (index % 4),
  energy_pJ_per_token,
  feasible: energy_pJ_per_token !== null,
});

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

function exploration(energies_pJ: readonly (number | null)[], tail = ""): string {
  const folder = emptyFolder();
  const rows = energies_pJ.map((energy_pJ, index) => rowOf(index, energy_pJ));
  writeFileSync(join(folder, "journal.jsonl"), lines([HEADER, ...rows]) + tail);
  return folder;
}

const json = (folder: string, sql: string): unknown => {
  const { code, stderr } = ohmoe(["query", folder, sql, "--out", join(folder, "answer.json")]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("wrote")]);
  return JSON.parse(readFileSync(join(folder, "answer.json"), "utf8"));
};

test("query: every whole line of the journal is a row, with what the header says", () => {
  const folder = exploration([1.5, 0.1, null], '{"point":"torn');
  expect(
    json(folder, 'SELECT "index", energy_pJ_per_token AS e, feasible, kernel FROM results'),
  ).toEqual([
    { index: 0, e: 1.5, feasible: true, kernel: "wasm" },
    { index: 1, e: 0.1, feasible: true, kernel: "wasm" },
    { index: 2, e: null, feasible: false, kernel: "wasm" },
  ]);
});

test("query: what is appended to the journal is seen by the next query", () => {
  const folder = exploration([1, 2]);
  expect(json(folder, "SELECT count(*) AS n FROM results")).toEqual([{ n: 2 }]);
  appendFileSync(join(folder, "journal.jsonl"), lines([rowOf(2, 7)]));
  expect(json(folder, "SELECT count(*) AS n FROM results")).toEqual([{ n: 3 }]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("the Parquet file, read by another program's reader, holds the same rows", async () => {
  const folder = exploration([1.5, 0.1]);
  json(folder, "SELECT 1 AS one");
  const bytes = readFileSync(join(folder, "results.parquet"));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = await parquetReadObjects({ file: file as ArrayBuffer });
  expect(rows.map(({ energy_pJ_per_token }) => energy_pJ_per_token)).toEqual([1.5, 0.1]);
  expect(rows.map(({ adc_bits }) => adc_bits)).toEqual([4, 5]);
});

test("query prints a table, and writes CSV", () => {
  const folder = exploration([1.5, 0.1]);
  const { stdout } = ohmoe([
    "query",
    folder,
    "SELECT adc_bits, energy_pJ_per_token AS e FROM results ORDER BY e",
    "--out",
    join(folder, "a.csv"),
  ]);
  expect(stdout).toBe("adc_bits   e\n       5 0.1\n       4 1.5\n");
  expect(readFileSync(join(folder, "a.csv"), "utf8")).toBe("adc_bits,e\r\n5,0.1\r\n4,1.5\r\n");
});

test.each([
  ["a column that is not there", "SELECT adc FROM results", 'hint: Candidate bindings: "adc_bits"'],
  ["no SQL", "SELEC 1", "syntax error"],
  ["a change", "DROP TABLE results", "read-only"],
])("query: %s is a clear error", (_, sql, says) => {
  const folder = exploration([1]);
  const { code, stderr } = ohmoe(["query", folder, sql]);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("    at ");
  expect(code).toBe(2);
});

test("query: no exploration, and a damaged line, are clear errors", () => {
  const empty = ohmoe(["query", emptyFolder(), "SELECT 1"]);
  expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining("journal.jsonl")]);
  const folder = exploration([1, 2]);
  const file = join(folder, "journal.jsonl");
  writeFileSync(file, readFileSync(file, "utf8").replace('"index":0', '"index":'));
  const { code, stderr } = ohmoe(["query", folder, "SELECT 1"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("journal.jsonl:2")]);
  expect(existsSync(join(folder, "results.duckdb"))).toBe(false);
});

test("compare-runs: explorations row by row; exit code 1 beyond what is allowed", () => {
  const [before, after] = [exploration([100, 50, 20]), exploration([100, 53, 10])];
  const file = join(after, "differences.csv");
  const run = (share: string) =>
    ohmoe(["compare-runs", before, after, "--max-regression", share, "--out", file]);
  const allowed = run("0.07");
  expect([allowed.code, allowed.stderr]).toEqual([0, ""]);
  expect(allowed.stdout).toContain("3 rows compared, 2 differ");
  expect(readFileSync(file, "utf8").split("\r\n").slice(1, 3)).toEqual([
    "screening adc_bits=5,energy_pJ_per_token,50,53,0.06,worse",
    "screening adc_bits=6,energy_pJ_per_token,20,10,-0.5,better",
  ]);
  const refused = run("0.05");
  expect([refused.code, refused.stderr]).toEqual([
    1,
    "check failed: 1 values are worse by more than 5 %\n",
  ]);
});

test("compare-runs: a row that is missing fails the check", () => {
  const [before, after] = [exploration([1, 2]), exploration([1])];
  const { code, stdout, stderr } = ohmoe(["compare-runs", before, after, "--max-regression", "9"]);
  expect([code, stderr]).toEqual([1, "check failed: 1 rows are missing\n"]);
  expect(stdout).toContain("only in the first: 1, for example screening adc_bits=5");
});

test("compare-runs: reports by placement", () => {
  const before = join(ROOT, "reports", "examples", "compare.json");
  const report = JSON.parse(readFileSync(before, "utf8"));
  const after = join(emptyFolder(), "after.json");
  report.rows[1].decode_latency_ns *= 2;
  writeFileSync(after, JSON.stringify(report));
  expect(ohmoe(["compare-runs", before, before, "--max-regression", "0"]).code).toBe(0);
  const { code, stdout } = ohmoe(["compare-runs", before, after, "--max-regression", "0.5"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/decode_latency_ns +1 +0 +\+100 % all-analog/);
});
