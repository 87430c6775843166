/**
 * Two-sided p value of Student's t: the probability of a |t| at least as large by chance.
 *
 * A finite sum for whole degrees of freedom; absolute error about 1e-15, so that smaller p values
 * come out as 0.
 *
 * @param degrees >= 1, whole
 * @source Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
 */
export function twoSidedP(t: number, degrees: number): number {
  const theta = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const cosine = Math.cos(theta);
  const isOdd = degrees % 2 === 1;
  // terms cos^(i), i = 1, 3, .. or 0, 2, .. up to degrees - 2
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let i = isOdd ? 1 : 0; i <= degrees - 2; i += 2) {
    sum += term;
    term *= ((i + 1) / (i + 2)) * cosine * cosine;
  }
  const inside = isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}
