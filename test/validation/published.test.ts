import { describe, expect, test } from "vitest";
import { VALIDATION_ROWS } from "./cases/index.ts";
import { error_frac } from "./row.ts";

const anchors = [...new Set(VALIDATION_ROWS.map((row) => row.anchor))];

describe.each(anchors)("%s", (anchor) => {
  const rows = VALIDATION_ROWS.filter((row) => row.anchor === anchor);
  test.each(rows.map((row) => [`${row.quantity} [${row.unit}]`, row] as const))("%s", (_, row) => {
    expect(Number.isFinite(row.ours)).toBe(true);
    if (row.tolerance_frac === null) return;
    // Sums of decimal fractions: 1e-9 is rounding.
    expect(Math.abs(error_frac(row))).toBeLessThanOrEqual(row.tolerance_frac + 1e-9);
  });
});
