import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import type { Exploration } from "../../model/exploration.ts";
import { InputError } from "../../model/issue.ts";
import { EXIT } from "../exit.ts";
import { explore as runExploration } from "../explore/explore.ts";
import { checkFolder, lockFolder } from "../explore/folder.ts";
import { createLocalEngine } from "../explore/local-engine.ts";
import { type OpenedSpace, openSpace } from "../explore/open-space.ts";
import { watchSignals } from "../explore/signals.ts";
import { frontCsv, summaryMarkdown, terminalSummary } from "../explore/summary.ts";
import { writeWhole } from "../files.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { createCluster } from "../slurm/cluster.ts";
import { readSlurmOptions, type SlurmOptions } from "../slurm/options.ts";
import { createSlurmEngine, dryRunScript } from "../slurm/slurm-engine.ts";

interface ExploreOptions {
  readonly file: string;
  readonly out: string;
  readonly engine: "local" | "slurm";
  readonly resume: boolean;
  readonly jobs: number;
  readonly memory_B: number;
  readonly slurm: SlurmOptions;
  readonly dryRun: boolean;
  readonly quiet: boolean;
}

/** Share of the machine's memory that workers may use where nothing else is asked for. */
const MEMORY_SHARE = 0.75;

/** `ohmoe explore SPACE --out DIR`: search, survivors, front. */
export async function explore(options: CommandOptions): Promise<number> {
  const settings = readOptions(options);
  const opened = await openSpace(settings.file, settings.engine);
  if (settings.dryRun) {
    process.stdout.write(dryRunScript(settings.out, settings.slurm));
    return EXIT.ok;
  }
  const engine =
    settings.engine === "slurm"
      ? createSlurmEngine({
          opened,
          folder: settings.out,
          options: settings.slurm,
          cluster: createCluster(),
        })
      : createLocalEngine(opened.context, settings);
  const signals = watchSignals(settings.quiet);
  const common = { quiet: settings.quiet, isStopped: signals.isStopped };
  try {
    const found = await inFolder(settings, opened, () =>
      runExploration(opened, engine, { out: settings.out, ...common }),
    );
    writeFound(settings, found);
    return signals.exitCode() ?? (hasResults(found) ? EXIT.ok : EXIT.failedCheck);
  } finally {
    signals.close();
    await engine.close();
  }
}

/** A run of which every point failed is no result. */
const hasResults = ({ counts }: Exploration): boolean =>
  counts.failed_points === 0 || counts.screened_points > counts.infeasible_points;

async function inFolder<T>(
  { out, resume }: ExploreOptions,
  { header }: OpenedSpace,
  work: () => Promise<T>,
): Promise<T> {
  const unlock = lockFolder(out);
  try {
    checkFolder(out, header, resume);
    return await work();
  } finally {
    unlock();
  }
}

function writeFound({ out, quiet }: ExploreOptions, found: Exploration): void {
  writeWhole(join(out, "exploration.json"), `${JSON.stringify(found, null, 1)}\n`);
  writeWhole(join(out, "front.csv"), frontCsv(found));
  writeWhole(join(out, "summary.md"), summaryMarkdown(found));
  if (!quiet) process.stdout.write(terminalSummary(found));
}

function readOptions(options: CommandOptions): ExploreOptions {
  const reader = createOptionReader(options);
  const out = reader.text("out");
  if (out === undefined && options["out"] === undefined)
    throw new InputError("--out", [{ pointer: "", found: "nothing", allowed: "a folder" }]);
  const settings: ExploreOptions = {
    file: reader.text("space") ?? "",
    out: out ?? "",
    engine: reader.oneOf("engine", ["local", "slurm"] as const),
    slurm: readSlurmOptions(reader),
    dryRun: options["dry-run"] === true,
    resume: options["resume"] === true,
    jobs: reader.optionalWholeNumber("jobs", 1, 256) ?? availableParallelism(),
    memory_B:
      options["memory_B"] === undefined
        ? MEMORY_SHARE * Math.min(totalmem(), process.constrainedMemory() || totalmem())
        : reader.real("memory_B", 1e8, 1e15),
    quiet: options["quiet"] === true,
  };
  reader.check();
  return settings;
}
