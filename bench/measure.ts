/** Timing: the best of several windows, because now and then a window runs at half speed. */

/** Wall-clock length of a window. Longer ones catch more of what else the machine does. */
const WINDOW_MS = 10;
const WINDOWS = 100;

export interface Timing {
  /** Of one call: wall clock, and processor time of this process. */
  readonly wall_ms: number;
  readonly cpu_ms: number;
}

/**
 * Time of one call of `work`.
 *
 * On a quiet machine both times agree. On a shared one wall time includes what others do; processor
 * time does not, but still feels their pressure on caches and on the sibling thread of the core.
 */
export function timeOf(work: () => void, windows = WINDOWS): Timing {
  let calls = 1;
  for (let ms = wallOf(work, calls); ms < WINDOW_MS / 2; ms = wallOf(work, calls)) calls *= 2;
  let wall_ms = Infinity;
  let cpu_ms = Infinity;
  for (let window = 0; window < windows; window++) {
    const before = process.cpuUsage();
    wall_ms = Math.min(wall_ms, wallOf(work, calls) / calls);
    const { user, system } = process.cpuUsage(before);
    cpu_ms = Math.min(cpu_ms, (user + system) / 1000 / calls);
  }
  return { wall_ms, cpu_ms };
}

function wallOf(work: () => void, calls: number): number {
  const begin = performance.now();
  for (let call = 0; call < calls; call++) work();
  return performance.now() - begin;
}
