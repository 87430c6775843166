/**
 * Scale of explorations, through the journal, with the built program: `npm run build && npx tsx
 * bench/explorations.ts`. Goals on two free cores: 100,000 points at level table in 60 s, 10,000
 * points of OLMoE-1B-7B with 100 exact survivors in 5 minutes.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const SPACES = [
  { name: "tiny-100k", goal_s: 60 },
  { name: "olmoe-10k", goal_s: 300 },
] as const;

const load = (): string => loadavg()[0]!.toFixed(1);
console.log(`${cpus().length} threads, load ${load()}; Node ${process.version}`);
for (const { name, goal_s } of SPACES) {
  const out = mkdtempSync(join(tmpdir(), "ohmoe-bench-"));
  const begin_ms = performance.now();
  const args = [
    "dist/main.js",
    "explore",
    join("bench", "spaces", `${name}.json`),
    "--out",
    join(out, "a"),
  ];
  const { status } = spawnSync(process.execPath, [...args, "--quiet"], { stdio: "inherit" });
  const wall_s = (performance.now() - begin_ms) / 1000;
  console.log(
    `${name}: ${wall_s.toFixed(1)} s, goal ${goal_s} s, exit code ${status}, load ${load()}`,
  );
  rmSync(out, { recursive: true, force: true });
}
