/** Small changes that make a placement better while it stays within its budgets. */
import type { BudgetProblem, DesignMeter } from "./budget-problem.ts";

/** Matrices that are tried against each other, of either side. */
const MOST_SWAPPED = 40;

/**
 * Makes digital what still can be, by falling rise; makes analog what need not be digital; then swaps.
 *
 * @param isKept do the quantities that the meter shows keep the budgets?
 * @returns the placement as it is if it does not keep them itself
 */
export function improve(
  { rises_nats, programme, meter }: Pick<BudgetProblem, "rises_nats" | "programme" | "meter">,
  start: Uint8Array,
  isKept: (meter: DesignMeter) => boolean,
): Uint8Array {
  const isAnalog = start.slice();
  const own = meter(isAnalog);
  if (!isKept(own)) return isAnalog;
  const attempt = (ids: readonly number[]): boolean => {
    ids.forEach(own.flip);
    const kept = isKept(own);
    if (!kept) ids.forEach(own.flip);
    else for (const id of ids) isAnalog[id] = 1 - isAnalog[id]!;
    return kept;
  };
  const falling = rises_nats
    .map((rise, id) => ({ id, rise }))
    .filter(({ id }) => programme.variables[id]!.most > 0)
    .sort((a, b) => b.rise - a.rise || a.id - b.id);
  const analog = () => falling.filter(({ id }) => isAnalog[id] === 1);
  const digital = () => falling.filter(({ id }) => isAnalog[id] === 0);
  for (const { id, rise } of analog()) if (rise > 0) attempt([id]);
  for (const { id, rise } of digital()) if (rise <= 0) attempt([id]);
  for (const gain of analog().slice(0, MOST_SWAPPED))
    digital()
      .slice(-MOST_SWAPPED)
      .reverse()
      .some((loss) => loss.rise < gain.rise && attempt([gain.id, loss.id]));
  return isAnalog;
}
