/** Ctrl-C and the like: once to finish cleanly, twice to end at once. */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;
const SIGNALS = Object.keys(EXIT_CODES) as Signal[];

export interface Signals {
  readonly isStopped: () => boolean;
  /** 128 and the number of the signal, as shells have it; null: there was none. */
  readonly exitCode: () => number | null;
  readonly close: () => void;
}

/** @param finishing what is done before the program ends */
export function watchSignals(
  quiet: boolean,
  finishing = "finishing the points in flight",
): Signals {
  let caught: Signal | null = null;
  const onSignal = (signal: Signal): void => {
    if (caught !== null) process.exit(EXIT_CODES[signal]);
    caught = signal;
    if (!quiet) process.stderr.write(`\n${finishing}; once more ends at once\n`);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    isStopped: () => caught !== null,
    exitCode: () => (caught === null ? null : EXIT_CODES[caught]),
    close: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
