/**
 * The study of hardware-aware training: every topology trained, programmed and read over a year of
 * drift, and how much of each nonideality it stands.
 *
 *     npx tsx scripts/study-hwa.ts [--quick] [--networks N,..] [--parts P,..] [--tables]
 *
 * Every score goes to a journal at once and training saves its states; the same command goes on
 * where it was cut off. Runs with different `--networks` may go side by side. `--tables` measures
 * nothing and writes tables and figures of what the journals hold.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openStudyNetwork, PARTS, type Part, type StudyNetwork } from "./hwa/measure.ts";
import { FULL, type NetworkName, QUICK } from "./hwa/plan.ts";
import { writeResults } from "./hwa/results.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    tables: { type: "boolean", default: false },
    networks: { type: "string" },
    parts: { type: "string" },
    states: { type: "string" },
    out: { type: "string" },
  },
});
const extent = options.quick ? QUICK : FULL;
const working = `reports/hwa-study${options.quick ? "-quick" : ""}`;
const out = options.out ?? (options.quick ? working : "reports/examples/hwa-study");
const folders = { states: options.states ?? working, cells: join(out, "cells") };
const networks = (options.networks?.split(",") ?? extent.networks) as readonly NetworkName[];
const parts = (options.parts?.split(",") ?? PARTS) as readonly Part[];
mkdirSync(folders.cells, { recursive: true });
const start = Date.now();
const say = (what: string): void =>
  console.error(`${what} after ${((Date.now() - start) / 1000).toFixed(0)} s`);

// Every network over time before anything else: a study may be cut off.
if (!options.tables) {
  const opened = new Map<NetworkName, StudyNetwork>();
  for (const part of parts)
    for (const name of networks) {
      const network = opened.get(name) ?? (await openStudyNetwork(name, extent, folders, true));
      opened.set(name, network);
      await network.measure(part);
      say(`${name}: ${part}`);
    }
}
const findings = [];
for (const name of extent.networks)
  findings.push(await (await openStudyNetwork(name, extent, folders, false)).findings());
writeResults(out, findings, extent);
say(`tables and figures in ${out}`);
