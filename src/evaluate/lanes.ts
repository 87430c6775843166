/** Threads of a process, so that slices that overlap are on different ones. */
export interface Lanes {
  /** Starts come in ascending order. @returns number of the thread, from 1 */
  readonly take: (process: number, start_ps: number, end_ps: number) => number;
  /** Everything is over, the next start may be anywhere. */
  readonly restart: () => void;
}

/** @param onNew is told of every thread once */
export function createLanes(onNew: (process: number, thread: number) => void): Lanes {
  /** When each thread of a process is free again. */
  const free = new Map<number, number[]>();
  return {
    take: (process, start_ps, end_ps) => {
      const ends = free.get(process) ?? [];
      free.set(process, ends);
      let thread = ends.findIndex((end) => end <= start_ps);
      if (thread < 0) {
        thread = ends.length;
        onNew(process, thread + 1);
      }
      ends[thread] = end_ps;
      return thread + 1;
    },
    restart: () => {
      for (const ends of free.values()) ends.fill(0);
    },
  };
}
