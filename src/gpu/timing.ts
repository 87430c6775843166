/** Honest times: GPU clock, a warm card, the spread beside the best. */
import type { Recorder } from "./recorder.ts";

export interface Timing {
  readonly best_ns: number;
  readonly median_ns: number;
  /** Runs in each of the windows that were timed. */
  readonly runs: number;
}

/**
 * Load in front of the first window: the clock of an idle card rises only under load that lasts. An
 * H100 computes at 345 MHz instead of 1980 until then.
 */
const WARM_NS = 5e8;
/** Dispatches of a window must fit one submission. */
const MOST_RUNS = 500;

/** @param run records what is timed; a few dispatches; @throws GpuError where there is no clock */
export async function timeRuns(
  recorder: Recorder,
  run: () => void,
  { windows, window_ns }: { readonly windows: number; readonly window_ns: number },
): Promise<Timing> {
  const time = async (runs: number): Promise<number> => {
    const total = await recorder.measure_ns(() => {
      for (let i = 0; i < runs; i++) run();
    });
    return total / runs;
  };
  // The first run compiles.
  let each = Math.max(1e4, await time(1));
  const runsOf = (): number => Math.min(MOST_RUNS, Math.max(2, Math.ceil(window_ns / each)));
  for (let warm = 0; warm < WARM_NS; ) {
    const runs = runsOf();
    each = Math.max(1e4, await time(runs));
    warm += runs * each;
  }
  const runs = runsOf();
  const times: number[] = [];
  for (let w = 0; w < windows; w++) times.push(await time(runs));
  times.sort((a, b) => a - b);
  return { best_ns: times[0]!, median_ns: times[windows >> 1]!, runs };
}
