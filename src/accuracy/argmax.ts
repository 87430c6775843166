/** Is x[begin + place] the largest, and of equals the first? `argmax(...) === place`, but sooner. */
export function isArgmax(x: Float32Array, begin: number, count: number, place: number): boolean {
  const at = begin + place;
  const own = x[at]!;
  for (let i = begin; i < at; i++) if (!(x[i]! < own)) return false;
  for (let i = at + 1; i < begin + count; i++) if (x[i]! > own) return false;
  return true;
}

/** Place of the largest x, counted from `begin`; of equals the first. */
export function argmax(x: Float32Array, begin: number, count: number): number {
  let best = begin;
  for (let i = begin + 1; i < begin + count; i++) if (x[i]! > x[best]!) best = i;
  return best - begin;
}
