/**
 * Tiles with a free crossbar and the smallest scores, smallest first; ties go to the lower number.
 *
 * @returns up to `wanted` different tiles; at least one
 * @throws Error if no tile has a free crossbar
 */
export function smallestTiles(score: Float64Array, free: Int32Array, wanted: number): number[] {
  const best: number[] = [];
  for (let t = 0; t < score.length; t++) {
    if (free[t] === 0) continue;
    if (best.length === wanted && score[t]! >= score[best[wanted - 1]!]!) continue;
    let at = best.length < wanted ? best.push(t) - 1 : wanted - 1;
    for (; at > 0 && score[best[at - 1]!]! > score[t]!; at--) best[at] = best[at - 1]!;
    best[at] = t;
  }
  if (best.length === 0) throw new Error("no tile has a free crossbar");
  return best;
}
