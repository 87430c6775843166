/** From values to places on paper. */

export interface Scale {
  readonly at: (value: number) => number;
  /** Round values within the domain. */
  readonly ticks: readonly number[];
  readonly isLog: boolean;
}

/** 1, 2 or 5 times a power of ten, so that about `count` steps fill the span. */
function roundStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Round values from `least` to `most`. */
export function ticksBetween(least: number, most: number, count: number): number[] {
  if (!(most > least)) return [least];
  const step = roundStep(most - least, count);
  const ticks: number[] = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** 1, 2 and 5 times powers of ten, or powers alone where the span is wide. */
function logTicks(least: number, most: number): number[] {
  const decades = Math.log10(most / least);
  const factors = decades > 4 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let p = Math.floor(Math.log10(least)); p <= Math.ceil(Math.log10(most)); p++)
    for (const factor of factors) {
      const tick = Number((factor * 10 ** p).toPrecision(3));
      if (tick >= least * 0.999 && tick <= most * 1.001) ticks.push(tick);
    }
  return ticks;
}

/**
 * A scale over all values with some room at both ends; logarithmic where asked for and all values
 * are positive and span more than a factor of three.
 */
export function scaleOf(
  values: readonly number[],
  from: number,
  to: number,
  { log = false, zero = false, count = 5 } = {},
): Scale {
  const least = Math.min(...values, ...(zero ? [0] : []));
  const most = Math.max(...values, ...(zero ? [0] : []));
  if (log && least > 0 && most > 3 * least) {
    const room = (Math.log(most) - Math.log(least)) * 0.06;
    const [a, b] = [Math.log(least) - room, Math.log(most) + room];
    const at = (value: number): number => from + ((Math.log(value) - a) / (b - a)) * (to - from);
    return { at, ticks: logTicks(Math.exp(a), Math.exp(b)), isLog: true };
  }
  const span = most - least || Math.abs(most) || 1;
  const a = zero && least === 0 ? 0 : least - span * 0.06;
  const b = most + span * 0.06;
  const at = (value: number): number => from + ((value - a) / (b - a)) * (to - from);
  return { at, ticks: ticksBetween(a, b, count), isLog: false };
}
