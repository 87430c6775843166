/** Pareto dominance on cost vectors: every objective is minimised here. */

/** Costs of points, row after row. [points x objectives] */
export interface CostMatrix {
  readonly objectives: number;
  readonly costs: Float64Array;
}

/** Is row a at least as good as row b everywhere, and better somewhere? */
export function dominates({ objectives, costs }: CostMatrix, a: number, b: number): boolean {
  let better = false;
  for (let o = 0; o < objectives; o++) {
    const difference = costs[a * objectives + o]! - costs[b * objectives + o]!;
    if (difference > 0) return false;
    if (difference < 0) better = true;
  }
  return better;
}

/** Rows by cost, first objective first, ties by row. A row is dominated only by rows before it. */
function byCost({ objectives, costs }: CostMatrix, rows: readonly number[]): number[] {
  return [...rows].sort((a, b) => {
    for (let o = 0; o < objectives; o++) {
      const difference = costs[a * objectives + o]! - costs[b * objectives + o]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

/**
 * The rows that no other of the rows dominates, ascending; equal ones are all on the front.
 *
 * Rows are met in order of their first cost, so that only those already on the front can dominate
 * the next: n log n, and n times the size of the front.
 */
export function paretoFront(matrix: CostMatrix, rows: readonly number[]): number[] {
  const front: number[] = [];
  for (const row of byCost(matrix, rows))
    if (!front.some((other) => dominates(matrix, other, row))) front.push(row);
  return front.sort((a, b) => a - b);
}

/**
 * Fronts after fronts, until they hold `enough` rows or all.
 *
 * @returns rank by rank, rows ascending
 */
export function paretoRanks(
  matrix: CostMatrix,
  rows: readonly number[],
  enough = rows.length,
): number[][] {
  const ranks: number[][] = [];
  let rest: readonly number[] = rows;
  for (let held = 0; held < enough && rest.length > 0; ) {
    const front = paretoFront(matrix, rest);
    const onFront = new Set(front);
    rest = rest.filter((row) => !onFront.has(row));
    ranks.push(front);
    held += front.length;
  }
  return ranks;
}

/**
 * How lonely each row of a front is: the sum over objectives of the distance of its neighbours,
 * relative to the range; infinite at the ends.
 *
 * @returns one value per row, in their order
 * @source Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
 *   Transactions on Evolutionary Computation 6, 2002, section III-B.
 */
export function crowdingDistances(
  { objectives, costs }: CostMatrix,
  front: readonly number[],
): Float64Array {
  const distances = new Float64Array(front.length);
  for (let o = 0; o < objectives; o++) {
    const cost = (i: number): number => costs[front[i]! * objectives + o]!;
    const order = front.map((_, i) => i).sort((a, b) => cost(a) - cost(b) || a - b);
    const range = cost(order.at(-1)!) - cost(order[0]!);
    if (range === 0) continue;
    distances[order[0]!] = Number.POSITIVE_INFINITY;
    distances[order.at(-1)!] = Number.POSITIVE_INFINITY;
    for (let k = 1; k + 1 < order.length; k++)
      distances[order[k]!]! += (cost(order[k + 1]!) - cost(order[k - 1]!)) / range;
  }
  return distances;
}

/**
 * The best rows: by rank, within the last rank by crowding distance, then by row.
 *
 * @returns rows of the better ranks first
 */
export function selectBest(matrix: CostMatrix, rows: readonly number[], count: number): number[] {
  const best: number[] = [];
  for (const front of paretoRanks(matrix, rows, count)) {
    const room = count - best.length;
    best.push(...(front.length <= room ? front : loneliest(matrix, front, room)));
  }
  return best;
}

function loneliest(matrix: CostMatrix, front: readonly number[], count: number): number[] {
  const distances = crowdingDistances(matrix, front);
  return front
    .map((row, i) => ({ row, distance: distances[i]! }))
    .sort((a, b) => (a.distance === b.distance ? a.row - b.row : b.distance - a.distance))
    .slice(0, count)
    .map(({ row }) => row);
}
