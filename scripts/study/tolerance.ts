/** How much noise is tolerated, and how that grows when some experts are digital. */
import { estimate } from "../../src/accuracy/statistics.ts";
import { plain, SHARES, TOLERANCE_RULES } from "./cells.ts";
import { percent, risesOf, section } from "./markdown.ts";
import type { Journal } from "./pool.ts";
import { MATRIX_PERCENTS, PCM_SCALES } from "./tiles.ts";

/** A rise that counts as tolerated, in nats: 2 % of perplexity. */
const TOLERATED_NATS = 0.02;

/** Sizes of one kind of noise, rising, and the names of their tiles. */
export interface Sweep {
  readonly label: string;
  readonly sizes: readonly number[];
  readonly tileOf: (size: number) => string;
}

const SWEEPS: readonly Sweep[] = [
  { label: "PCM noise scale c", sizes: PCM_SCALES, tileOf: (c) => `pcm-${c}` },
  {
    label: "noise in percent of the largest weight of the matrix",
    sizes: MATRIX_PERCENTS,
    tileOf: (size) => `matrix-${size}`,
  },
];

/**
 * Size at which the mean rise reaches what is tolerated: between sizes the rise goes about with the
 * square of the size. "more": beyond the largest; null: not measured.
 */
export function toleratedOf(
  { sizes, tileOf }: Sweep,
  riseOn: (tile: string) => readonly number[],
): number | "more" | null {
  let [lastSize, lastRise] = [0, 0];
  for (const size of sizes) {
    const rises = riseOn(tileOf(size));
    if (rises.length === 0) return null;
    const rise = estimate(rises).mean;
    const part = (TOLERATED_NATS - lastRise) / (rise - lastRise);
    if (rise >= TOLERATED_NATS)
      return Math.sqrt(lastSize ** 2 + (size ** 2 - lastSize ** 2) * part);
    [lastSize, lastRise] = [size, Math.max(0, rise)];
  }
  return "more";
}

function rowsOf(journal: Journal, model: string, sweep: Sweep, seeds: number): string[][] {
  const tolerated = (rule: string, share: number) =>
    toleratedOf(sweep, (tile) => risesOf(journal, model, { ...plain, tile, rule, share }, seeds));
  const before = tolerated("dense-digital", 0);
  if (typeof before !== "number") return [];
  return TOLERANCE_RULES.flatMap((rule) => {
    const at = SHARES.map((share) => tolerated(rule, share));
    if (at.includes(null)) return [];
    const cells = at.map((size) =>
      typeof size === "number"
        ? `${size.toFixed(2)} (x ${(size / before).toFixed(2)})`
        : `above ${sweep.sizes.at(-1)}`,
    );
    return [[model, rule, before.toFixed(2), ...cells]];
  });
}

export function toleranceTables(
  journal: Journal,
  models: readonly string[],
  seeds: number,
): string {
  const head = ["model", "rule", "no expert digital", ...SHARES.map(percent)];
  return SWEEPS.map((sweep) =>
    section(
      `## Theory: tolerated noise (rise of ${TOLERATED_NATS} nats): ${sweep.label}`,
      head,
      models.flatMap((model) => rowsOf(journal, model, sweep, seeds)),
    ),
  )
    .filter((part) => part !== "")
    .join("\n");
}
