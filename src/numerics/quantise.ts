/** Rounding as converters do it: to the nearest code, ties to the even one, then clipped. */

/** 1.5 x 2^52: adding it leaves no room for fractions, so the sum is rounded half to even. */
const ROUNDER = 6755399441055744;

/**
 * Rounds to the nearest whole number, ties to the even one.
 *
 * @param value |value| < 2^51
 */
export function roundHalfEven(value: number): number {
  return value + ROUNDER - ROUNDER;
}

/** Clips to -bound..bound. */
export function clip(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound);
}

/** The whole-number code of a value in units of the step: rounded, then clipped to -levels..levels. */
export function codeOf(steps: number, levels: number): number {
  return clip(roundHalfEven(steps), levels);
}

/** Codes on each side of zero of a converter: 8 bits are -127..127, AIHWKIT's 254 states. */
export function levelsOfBits(bits: number): number {
  return 2 ** (bits - 1) - 1;
}
