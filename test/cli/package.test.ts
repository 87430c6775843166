import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { emptyFolder, ROOT } from "./ohmoe.ts";

/** Installs a packed package as npm would lay it out: its own files, and its dependencies only. */
function install(folder: string): string {
  // Scripts would build again while other tests run the program.
  const packed = execFileSync(
    "npm",
    ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  const modules = join(folder, "node_modules");
  const home = join(modules, "ohmoe");
  mkdirSync(home, { recursive: true });
  execFileSync("tar", [
    "xzf",
    join(folder, packed.trim().split("\n").at(-1)!),
    "--strip-components=1",
    "-C",
    home,
  ]);
  const { dependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  return home;
}

test("the packed package runs in an empty folder, weights, text and workers included", () => {
  const folder = emptyFolder();
  const home = install(folder);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(home, "dist", "main.js"), "compare", "--checkpoint", "tiny-olmoe"],
      ...["--placement", "all-digital", "--placement", "dense-digital", "--text_tokens", "256"],
      ...["--seeds", "1", "--prefill_tokens", "2", "--decode_tokens", "1", "--out", "r.json"],
    ],
    { cwd: folder, encoding: "utf8" },
  );
  expect(stderr).toBe("wrote r.json\n");
  expect(stdout).toContain("dense-digital");
  expect(status).toBe(0);
});

test("the lock file names no registry", () => {
  expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toContain('"resolved"');
});

test("what is published is there", () => {
  const { files, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const path of [...files, exports["."].default, exports["."].types])
    expect(existsSync(join(ROOT, path))).toBe(true);
});
