import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VALIDATION_PAGE, validationText } from "../../scripts/write-validation.ts";
import { VALIDATION_ROWS } from "./cases/index.ts";
import { error_frac } from "./row.ts";

const anchors = [...new Set(VALIDATION_ROWS.map((row) => row.anchor))];

describe.each(anchors)("%s", (anchor) => {
  const rows = VALIDATION_ROWS.filter((row) => row.anchor === anchor);
  test.each(rows.map((row) => [`${row.quantity} [${row.unit}]`, row] as const))("%s", (_, row) => {
    const error = error_frac(row);
    // A row without our figure says why.
    if (error === null) expect(row.remark).not.toBe("");
    else expect(Number.isFinite(error)).toBe(true);
    if (error === null || row.tolerance_frac === null) return;
    // Sums of decimal fractions: 1e-9 is rounding.
    expect(Math.abs(error)).toBeLessThanOrEqual(row.tolerance_frac + 1e-9);
  });
});

test("no two rows are the same quantity", () => {
  const names = VALIDATION_ROWS.map(
    ({ anchor, quantity, unit }) => `${anchor}|${quantity}|${unit}`,
  );
  expect(new Set(names).size).toBe(names.length);
});

test("the committed page is what scripts/write-validation.ts writes", () => {
  const committed = readFileSync(new URL(`../../${VALIDATION_PAGE}`, import.meta.url), "utf8");
  expect(committed).toBe(validationText());
});
