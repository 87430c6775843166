/** Progress on stderr: how many points, how fast, how long still, how many failed. */
import type { PointRow } from "../../explore/row.ts";

export interface Meter {
  readonly advance: (rows: readonly PointRow[]) => void;
  /** A point that was done before. */
  readonly skip: () => void;
  readonly done: () => void;
}

/** A terminal's line is renewed so often; a log gets a line of its own now and then. */
const TERMINAL_MS = 200;
const LOG_MS = 15_000;

export function startMeter(what: string, points: number, quiet: boolean): Meter {
  const isTerminal = process.stderr.isTTY === true;
  const begin_ms = performance.now();
  const counts = { finished: 0, skipped: 0, failed: 0 };
  let shown_ms = begin_ms;
  const show = (isLast: boolean): void => {
    const now_ms = performance.now();
    if (quiet || (!isLast && now_ms - shown_ms < (isTerminal ? TERMINAL_MS : LOG_MS))) return;
    shown_ms = now_ms;
    const line = meterLine(what, points, counts, (now_ms - begin_ms) / 1000);
    process.stderr.write(
      isTerminal && !isLast ? `\r\x1b[K${line}` : `${isTerminal ? "\r\x1b[K" : ""}${line}\n`,
    );
  };
  return {
    advance: (rows) => {
      counts.finished += rows.length;
      for (const { error } of rows) if (error !== null) counts.failed++;
      show(false);
    },
    skip: () => {
      counts.skipped++;
    },
    done: () => show(true),
  };
}

interface Counts {
  readonly finished: number;
  readonly skipped: number;
  readonly failed: number;
}

/** `screening 1200/5000 (24 %), 310 points/s, 12 s left, 3 failed` */
export function meterLine(
  what: string,
  points: number,
  { finished, skipped, failed }: Counts,
  elapsed_s: number,
): string {
  const done = finished + skipped;
  const rate = finished / Math.max(elapsed_s, 1e-3);
  const left_s = rate > 0 ? (points - done) / rate : null;
  return [
    `${what} ${done}/${points} (${Math.floor((100 * done) / Math.max(1, points))} %)`,
    `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)} points/s`,
    ...(left_s === null || done >= points ? [] : [`${duration(left_s)} left`]),
    ...(skipped > 0 ? [`${skipped} done before`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(", ");
}

function duration(time_s: number): string {
  if (time_s < 90) return `${Math.ceil(time_s)} s`;
  if (time_s < 5400) return `${Math.ceil(time_s / 60)} min`;
  return `${(time_s / 3600).toFixed(1)} h`;
}
