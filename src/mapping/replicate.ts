import type { ExpertUse } from "./expert-use.ts";

/** How many copies an expert gets beside the first. */
export interface CopyCount {
  readonly layer: number;
  readonly expert: number;
  readonly copies: number;
}

/**
 * Gives copies to hot experts until the budget is spent: one by one to the expert whose copies are
 * wanted most often, as long as that is more often than the mean expert of its layer.
 *
 * Taking the largest share per copy again and again makes the largest one as small as any choice
 * with that many copies can, since a copy of one expert does not help another.
 *
 * @param candidates experts that can have copies, with the crossbars of one
 * @param crossbars budget; an expert that does not fit into what is left is passed over
 */
export function chooseCopies(
  candidates: readonly {
    readonly layer: number;
    readonly expert: number;
    readonly crossbars: number;
  }[],
  use: ExpertUse,
  crossbars: number,
): readonly CopyCount[] {
  const meanOf = use.frequency.map((own) => own.reduce((sum, f) => sum + f, 0) / (own.length || 1));
  const total = candidates.map(({ layer, expert }) => use.frequency[layer]![expert]!);
  const copies = candidates.map(() => 0);
  const open = new Set(candidates.keys());
  let left = crossbars;
  for (;;) {
    let hottest = -1;
    let most = 0;
    for (const i of open) {
      const share = total[i]! / (1 + copies[i]!);
      if (share > most) [hottest, most] = [i, share];
    }
    if (hottest < 0) break;
    const { layer, crossbars: own } = candidates[hottest]!;
    if (most <= meanOf[layer]! || own > left) {
      open.delete(hottest);
      continue;
    }
    copies[hottest]!++;
    left -= own;
  }
  return candidates.flatMap(({ layer, expert }, i) =>
    copies[i]! > 0 ? [{ layer, expert, copies: copies[i]! }] : [],
  );
}
