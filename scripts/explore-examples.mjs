/** Makes `reports/examples/explore-*` again, with the built program: `node scripts/explore-examples.mjs`. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The journal is left out: it is long, and has wall times. */
const KEPT = ["exploration.json", "front.csv", "summary.md"];

for (const name of ["adc-crossbar-share", "tiles-mesh-replication", "noise-drift-placement"]) {
  const out = mkdtempSync(join(tmpdir(), "ohmoe-explore-"));
  const space = join("spaces", `${name}.json`);
  const args = ["dist/main.js", "explore", space, "--out", join(out, name)];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const folder = join("reports", "examples", `explore-${name}`);
  mkdirSync(folder, { recursive: true });
  for (const file of KEPT) copyFileSync(join(out, name, file), join(folder, file));
  rmSync(out, { recursive: true, force: true });
}
