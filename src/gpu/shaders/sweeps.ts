/**
 * Products of numbers wider than a byte as sums over planes of bytes.
 *
 * A weight code of 16 bits is two planes: code = 256 high + low + 128 with low in -128..127, so
 * sum v code = 256 sum v high + sum v low + 128 sum v, all modulo 2^32; the total fits int32.
 */

/** One pass over the inputs of a block: a plane of the inputs times a plane of the weights. */
export interface Sweep {
  readonly input: number;
  readonly weight: number;
  /** What was summed before counts 256-fold. */
  readonly shifts: boolean;
}

/** What goes into the sums beside the weights. */
export type Operand = "codes" | "magnitudes" | "squares";

/** Planes of the inputs: codes first, then what read noise and IR drop need. */
export type InputPlane = "codes" | "magnitudes" | "squares low" | "squares high";

/** Planes of a product, from the highest digit down; bytes of codes are signed, others are not. */
export function sweepsOf(operand: Operand, planes: readonly InputPlane[]): readonly Sweep[] {
  const at = (plane: InputPlane): number => planes.indexOf(plane);
  if (operand !== "squares") return twoPlanes(at(operand));
  const [low, high] = [at("squares low"), at("squares high")];
  return [
    { input: high, weight: 0, shifts: false },
    { input: high, weight: 1, shifts: true },
    { input: low, weight: 0, shifts: false },
    { input: low, weight: 1, shifts: true },
  ];
}

export const twoPlanes = (input: number): readonly Sweep[] => [
  { input, weight: 0, shifts: false },
  { input, weight: 1, shifts: true },
];
