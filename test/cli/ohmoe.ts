import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** An empty folder of its own. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "ohmoe-test-"));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a user would. */
export function ohmoe(args: readonly string[], folder: string = ROOT): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "dist", "main.js"), ...args],
    { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 27 },
  );
  return { code: status, stdout, stderr };
}
