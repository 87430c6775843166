/** An axis of a chart: where values are, and which of them are written. */

export interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  /** Lowest and highest value. */
  readonly range: readonly [number, number];
}

/** A step of 1, 2 or 5 times a power of ten that cuts a range into at most seven. */
function stepOf(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 7));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => range / step <= 7) ?? 10 * power;
}

/** From 0, or from the lowest value if that is negative, to the highest. */
function linear(values: readonly number[], begin: number, end: number): Axis {
  const [low, high] = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const step = stepOf(high - low);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return {
    at: (value) => begin + ((value - low) / (high - low)) * (end - begin),
    ticks: Array.from({ length: count }, (_, i) => (first + i) * step),
    range: [low, high],
  };
}

/** Whole powers of ten; values that are not positive are at the lower end. */
function logarithmic(values: readonly number[], begin: number, end: number): Axis {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  const at = (value: number): number => {
    const power = value > 0 ? Math.max(low, Math.log10(value)) : low;
    return begin + ((power - low) / (high - low)) * (end - begin);
  };
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { at, ticks, range: [10 ** low, 10 ** high] };
}

/**
 * @param values all that are shown
 * @param begin place of the lowest value, in pixels
 */
export const axisOf = (
  values: readonly number[],
  isLog: boolean,
  begin: number,
  end: number,
): Axis => (isLog ? logarithmic : linear)(values, begin, end);
