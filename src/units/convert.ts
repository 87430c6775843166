/** Picoseconds per nanosecond. */
const PS_PER_NS = 1000;

/**
 * Rounds a duration onto the simulator's time grid.
 *
 * Every duration enters the timing model through this function and is a whole
 * number of picoseconds from then on, so sums are exact and do not depend on
 * the order in which they are taken.
 *
 * @param duration_ns finite, >= 0
 * @returns whole picoseconds, exact up to 2^53 ps (about 2.5 hours)
 */
export function psFromNs(duration_ns: number): number {
  return Math.round(duration_ns * PS_PER_NS);
}

/** The inverse, for reports only. */
export function nsFromPs(time_ps: number): number {
  return time_ps / PS_PER_NS;
}
