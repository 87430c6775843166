/** Which things to take, when they have a value and a size and there is room for some (the knapsack problem). */

export interface Item {
  /** >= 0 */
  readonly value: number;
  /** Whole, > 0. */
  readonly size: number;
}

export interface Selection {
  /** One entry an item. */
  readonly isTaken: readonly boolean[];
  /** Of the items taken. */
  readonly value: number;
  /**
   * No choice has more: the value when the first item that does not fit whole may be cut; of an exact
   * choice its own value.
   */
  readonly upperBound: number;
  readonly isExact: boolean;
}

/** Largest table of the exact method, in cells: seconds, and as many bytes. */
const MOST_CELLS = 5e7;

/**
 * The items of most value that fit: exactly where the table is small enough, otherwise by value per
 * size with a bound of what may be missing. Items without value are left.
 *
 * The table counts in the greatest common divisor of the sizes, which is large for the matrices of
 * a model.
 *
 * @param room >= 0, in the unit of the sizes
 * @source Kellerer, Pferschy, Pisinger, "Knapsack Problems", 2004, sections 2.1 to 2.3.
 */
export function selectMostValue(items: readonly Item[], room: number): Selection {
  const unit = items.reduce((divisor, { size }) => greatestCommonDivisor(divisor, size), 0);
  const units = unit === 0 ? 0 : Math.min(Math.floor(room / unit), total(items) / unit);
  return items.length * (units + 1) <= MOST_CELLS
    ? exactly(items, unit, units)
    : byDensity(items, room);
}

const total = (items: readonly Item[]): number => items.reduce((sum, { size }) => sum + size, 0);

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Dynamic programming: the best value of every room, item by item. */
function exactly(items: readonly Item[], unit: number, units: number): Selection {
  const best = new Float64Array(units + 1);
  const took = new Uint8Array(items.length * (units + 1));
  items.forEach(({ value, size }, i) => {
    const width = size / unit;
    for (let room = units; room >= width; room--) {
      const withItem = best[room - width]! + value;
      if (withItem <= best[room]!) continue;
      best[room] = withItem;
      took[i * (units + 1) + room] = 1;
    }
  });
  const isTaken = items.map(() => false);
  for (let i = items.length - 1, room = units; i >= 0; i--) {
    if (took[i * (units + 1) + room] === 0) continue;
    isTaken[i] = true;
    room -= items[i]!.size / unit;
  }
  const value = best[units]!;
  return { isTaken, value, upperBound: value, isExact: true };
}

/** Most value per size first, leaving out what does not fit; or the single best item, if that is more. */
function byDensity(items: readonly Item[], room: number): Selection {
  const density = (i: number): number => items[i]!.value / items[i]!.size;
  const order = [...items.keys()]
    .filter((i) => items[i]!.value > 0)
    .sort((a, b) => density(b) - density(a) || a - b);
  const taken = new Set<number>();
  let left = room;
  let value = 0;
  let upperBound: number | null = null;
  for (const i of order) {
    const { size, value: own } = items[i]!;
    if (size > left) {
      upperBound ??= value + density(i) * left;
      continue;
    }
    taken.add(i);
    left -= size;
    value += own;
  }
  const single = order
    .filter((i) => items[i]!.size <= room && items[i]!.value > value)
    .sort((a, b) => items[b]!.value - items[a]!.value)[0];
  const chosen = single === undefined ? taken : new Set([single]);
  return {
    isTaken: items.map((_, i) => chosen.has(i)),
    value: single === undefined ? value : items[single]!.value,
    upperBound: upperBound ?? value,
    isExact: false,
  };
}
