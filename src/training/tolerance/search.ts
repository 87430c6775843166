/** The strongest nonideality that a network stands, by bisection. */
import type { Estimate } from "../../accuracy/statistics.ts";

/** Values that are tried. */
export interface SearchAxis {
  /** First value that is tried, between the other two. */
  readonly start: number;
  /** Values that hurt least and most; the search stays between them. */
  readonly mildest: number;
  readonly harshest: number;
  /** Whole numbers (bits), which hurt more the fewer there are. */
  readonly whole: boolean;
}

/** Accuracy at one value. */
export interface Trial extends Estimate {
  readonly value: number;
}

export interface Tolerance {
  /**
   * Where A* passes the goal, interpolated in its last bracket; for bits the fewest that pass. At a
   * limit of the axis: that limit. null: even the mildest value fails.
   */
  readonly value: number | null;
  /** Where A* minus, and plus, one standard error passes the goal; null: beyond what was tried. */
  readonly low: number | null;
  readonly high: number | null;
  /** The whole axis passes, so that the tolerance is at least `value` (at most, for bits). */
  readonly isBeyond: boolean;
  /** From mild to harsh. */
  readonly trials: readonly Trial[];
}

/** Brackets are widened by this factor, and by so many bits. */
const WIDEN_FACTOR = 4;
const WIDEN_BITS = 2;

/** A coordinate that grows with the harm: logarithm of the value, or minus the bits. */
interface Coordinate {
  readonly of: (value: number) => number;
  readonly value: (at: number) => number;
  readonly widen: number;
}

const LOGARITHMIC: Coordinate = { of: Math.log, value: Math.exp, widen: Math.log(WIDEN_FACTOR) };
const BITS: Coordinate = { of: (bits) => -bits, value: (at) => -at, widen: WIDEN_BITS };

/**
 * Widens from the start until one value passes and a harsher one fails, then halves that bracket.
 *
 * The same noise seeds at every value make A* a smooth function of it, so that one crossing is
 * there; where noise makes several, one of them is found.
 *
 * @param goal A* that has to be exceeded
 * @param ratio the search ends when the values of the bracket differ by no more than this factor
 * @param evaluate mean A* at a value, and its standard error
 */
export async function findTolerance(
  axis: SearchAxis,
  goal: number,
  ratio: number,
  evaluate: (value: number) => Promise<Estimate>,
): Promise<Tolerance> {
  const coordinate = axis.whole ? BITS : LOGARITHMIC;
  const trials: Trial[] = [];
  const passes = async (at: number): Promise<boolean> => {
    const value = coordinate.value(at);
    const estimate = await evaluate(value);
    trials.push({ value, ...estimate });
    return estimate.mean > goal;
  };
  const bracket = await widen(axis, coordinate, passes);
  if (bracket.pass !== null && bracket.fail !== null)
    await halve(bracket.pass, bracket.fail, axis.whole ? 1 : Math.log(ratio), axis.whole, passes);
  trials.sort((a, b) => coordinate.of(a.value) - coordinate.of(b.value));
  return summarise(trials, goal, axis, coordinate);
}

/** Coordinates of the harshest value that passes and the mildest that fails. */
interface Bracket {
  readonly pass: number | null;
  readonly fail: number | null;
}

async function widen(
  axis: SearchAxis,
  { of, widen: step }: Coordinate,
  passes: (at: number) => Promise<boolean>,
): Promise<Bracket> {
  const [mildest, harshest] = [of(axis.mildest), of(axis.harshest)];
  let at = of(axis.start);
  const goesOn = await passes(at);
  for (;;) {
    const next = goesOn ? Math.min(harshest, at + step) : Math.max(mildest, at - step);
    if (next === at) return goesOn ? { pass: at, fail: null } : { pass: null, fail: at };
    if ((await passes(next)) !== goesOn)
      return goesOn ? { pass: at, fail: next } : { pass: next, fail: at };
    at = next;
  }
}

async function halve(
  first: number,
  last: number,
  width: number,
  whole: boolean,
  passes: (at: number) => Promise<boolean>,
): Promise<void> {
  let [pass, fail] = [first, last];
  while (fail - pass > width * (1 + 1e-9)) {
    const middle = (pass + fail) / 2;
    const at = whole ? Math.floor(middle) : middle;
    if (await passes(at)) pass = at;
    else fail = at;
  }
}

/** @param trials from mild to harsh */
function summarise(
  trials: readonly Trial[],
  goal: number,
  axis: SearchAxis,
  coordinate: Coordinate,
): Tolerance {
  const crossing = (shift: number): number | null => {
    const level = ({ mean, sem }: Trial): number => mean + shift * (sem ?? 0);
    const i = trials.findIndex((trial) => level(trial) <= goal);
    if (i <= 0) return null;
    const [pass, fail] = [trials[i - 1]!, trials[i]!];
    if (axis.whole) return pass.value;
    const share = (level(pass) - goal) / (level(pass) - level(fail));
    const [a, b] = [coordinate.of(pass.value), coordinate.of(fail.value)];
    return coordinate.value(a + share * (b - a));
  };
  const isBeyond = trials.every(({ mean }) => mean > goal);
  const value = isBeyond ? trials.at(-1)!.value : crossing(0);
  return { value, low: crossing(-1), high: crossing(1), isBeyond, trials };
}
