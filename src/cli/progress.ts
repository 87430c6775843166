import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  readonly advance: (steps?: number) => void;
  readonly done: () => void;
}

const SILENT: Progress = { advance: () => {}, done: () => {} };

/** A bar on stderr when that is a terminal; nothing in a pipe or when quiet. */
export function startProgress(what: string, steps: number, quiet: boolean): Progress {
  if (quiet || !process.stderr.isTTY || steps === 0) return SILENT;
  const bar = new SingleBar(
    {
      format: `${what} [{bar}] {value}/{total}  {eta_formatted} left`,
      stream: process.stderr,
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.legacy,
  );
  bar.start(steps, 0);
  return { advance: (n = 1) => bar.increment(n), done: () => bar.stop() };
}
