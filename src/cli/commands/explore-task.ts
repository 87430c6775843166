import { type CommandOptions, createOptionReader } from "../options.ts";
import { runTask } from "../slurm/task.ts";

/** `ohmoe explore-task BATCH CHUNK`: what the array tasks of `ohmoe explore --engine slurm` run. */
export async function exploreTask(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const batch = reader.text("batch") ?? "";
  const chunk = reader.wholeNumber("chunk", 0, 1e6);
  reader.check();
  const { SLURM_JOB_ID: job = "0", SLURM_RESTART_COUNT: restarts = "0" } = process.env;
  await runTask(batch, chunk, `${job}-${restarts}`);
  return 0;
}
