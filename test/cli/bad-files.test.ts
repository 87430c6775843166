import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyFolder, ohmoe, ROOT } from "./ohmoe.ts";

const arch = readFileSync(join(ROOT, "arch", "hetero-pcm.json"), "utf8");

const BAD: Readonly<Record<string, readonly [content: string | Uint8Array, says: string]>> = {
  "empty.json": ["", "empty"],
  "truncated.json": [arch.slice(0, 500), "the file is cut off"],
  "deep.json": ["[".repeat(1e5), "levels of nesting"],
  "twice.json": ['{"format":"arch/1","format":"arch/1"}', "#/format"],
  "utf16.json": [Buffer.from(`\ufeff${arch}`, "utf16le"), "UTF-16"],
  "zero-rows.json": [arch.replace(/"rows": 512/, '"rows": 0'), "#/tiles/0/crossbar/rows: found 0"],
  "adc.json": [
    arch.replace(/("output": \{\s*"bits":) 8/, "$1 40"),
    "#/tiles/0/output/bits: found 40",
  ],
  "nan.json": [arch.replace('"technology_nm": 14', '"technology_nm": NaN'), "JSON value"],
  "unit.json": [arch.replace('"integration_ns"', '"integration_us"'), "integration_ns"],
  "no-format.json": ["{}", "#/format"],
};

test.each(Object.entries(BAD))("%s: clear error, exit code 2", (file, [content, says]) => {
  const folder = emptyFolder();
  writeFileSync(join(folder, file), content);
  const { code, stderr } = ohmoe(["validate", file], folder);
  expect(stderr).toContain(file);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("    at ");
  expect(code).toBe(2);
});

test("a file of another format is one issue, not one for every field it lacks", () => {
  const workload = join(ROOT, "workloads", "tiny-olmoe.json");
  const run = [
    "run",
    "--arch",
    workload,
    "--workload",
    "olmoe-1b-7b",
    "--placement",
    "all-digital",
  ];
  const { code, stderr } = ohmoe(run);
  expect(code).toBe(2);
  expect(stderr).toBe(`${workload}#/format: found "workload/1"; allowed: "arch/1"\n`);
});

test("a folder in place of a file, and no file at all", () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, "folder.json"));
  const { code, stderr } = ohmoe(["validate", "folder.json", "missing.json"], folder);
  expect(code).toBe(2);
  expect(stderr).toContain("folder.json: found a folder");
  expect(stderr).toContain("missing.json: found no such file");
});

test("a byte order mark and CRLF are fine", () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, "windows.json"), `\ufeff${arch.replaceAll("\n", "\r\n")}`);
  expect(ohmoe(["validate", "windows.json"], folder)).toMatchObject({ code: 0, stderr: "" });
});

test("a report that cannot be written is an error, and no half file stays", () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, "file"), "");
  const { code, stderr } = ohmoe(
    [
      ...["compare", "--workload", join(ROOT, "workloads", "tiny-olmoe.json")],
      ...["--placement", "all-digital", "--out", "file/report.json"],
    ],
    folder,
  );
  expect(code).toBe(2);
  expect(stderr).toContain("file/report.json: found a path that goes through a file");
});
