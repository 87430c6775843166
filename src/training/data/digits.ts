/** Images of digits, and which of them serve what. */
import { shuffle } from "../../random/philox.ts";

/** Grey images of one size, each of a class. */
export interface Images {
  readonly items: number;
  readonly rows: number;
  readonly cols: number;
  readonly classes: number;
  /** 0 is white, 1 black. [items][rows][cols] */
  readonly pixels: Float32Array;
  /** [items] */
  readonly labels: Int32Array;
}

export const DATA_ROLES = ["evaluation", "validation", "training"] as const;
export type DataRole = (typeof DATA_ROLES)[number];

export const DIGIT_ROWS = 28;
const PIXELS = DIGIT_ROWS * DIGIT_ROWS;
/** Of the order of images: a constant, so that every run scores the same ones. */
const SPLIT_SEED = 1;

/**
 * Splits digits by a fixed random order within each class, the classes taking turns: roles are as
 * balanced as their sizes allow. Evaluation comes first, so that its images depend on its own size
 * only.
 *
 * @param digits [10] pixels of the images of each digit
 * @param sizes images of each role
 * @returns null if there are fewer images than asked for in all
 */
export function splitDigits(
  digits: readonly ArrayLike<number>[],
  sizes: Readonly<Record<DataRole, number>>,
): Readonly<Record<DataRole, Images>> | null {
  const order = interleave(digits);
  let begin = 0;
  const parts = DATA_ROLES.map((role) => {
    const part = order.slice(begin, begin + sizes[role]);
    begin += sizes[role];
    return [role, gather(digits, part)] as const;
  });
  return begin > order.length ? null : (Object.fromEntries(parts) as Record<DataRole, Images>);
}

export const digitsIn = (digits: readonly ArrayLike<number>[]): number =>
  digits.reduce((sum, { length }) => sum + Math.floor(length / PIXELS), 0);

type Place = readonly [digit: number, image: number];

function interleave(digits: readonly ArrayLike<number>[]): readonly Place[] {
  const orders = digits.map((pixels, digit) =>
    shuffle(Math.floor(pixels.length / PIXELS), {
      seed: SPLIT_SEED,
      matrix: digit,
      block: 0,
      purpose: "data-order",
      row: 0,
    }),
  );
  const most = orders.reduce((max, { length }) => Math.max(max, length), 0);
  return Array.from({ length: most }, (_, turn) =>
    orders.flatMap((order, digit): Place[] => (turn < order.length ? [[digit, order[turn]!]] : [])),
  ).flat();
}

function gather(digits: readonly ArrayLike<number>[], places: readonly Place[]): Images {
  const pixels = new Float32Array(places.length * PIXELS);
  places.forEach(([digit, image], i) => {
    for (let p = 0; p < PIXELS; p++) pixels[i * PIXELS + p] = digits[digit]![image * PIXELS + p]!;
  });
  return {
    items: places.length,
    rows: DIGIT_ROWS,
    cols: DIGIT_ROWS,
    classes: digits.length,
    pixels,
    labels: Int32Array.from(places, ([digit]) => digit),
  };
}
