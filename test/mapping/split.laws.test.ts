import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  balancedCuts,
  blockCount,
  splitIntoBlocks,
  weightsPerCrossbar,
} from "../../src/mapping/split.ts";

const size = fc.integer({ min: 1, max: 40 });
const limit = fc.integer({ min: 1, max: 12 });

describe("balancedCuts", () => {
  test("1000 over 512 is 500 + 500", () => {
    expect(balancedCuts(1000, 512)).toEqual([0, 500, 1000]);
  });

  test("fewest pieces, none above the limit, sizes one apart at most", () => {
    fc.assert(
      fc.property(size, limit, (length, most) => {
        const cuts = balancedCuts(length, most);
        const pieces = cuts.slice(1).map((end, i) => end - cuts[i]!);
        expect(pieces).toHaveLength(Math.ceil(length / most));
        expect(Math.max(...pieces)).toBeLessThanOrEqual(most);
        expect(Math.max(...pieces) - Math.min(...pieces)).toBeLessThanOrEqual(1);
        expect(pieces.reduce((sum, n) => sum + n, 0)).toBe(length);
      }),
    );
  });
});

describe("splitIntoBlocks", () => {
  test("covers every weight exactly once, with as many blocks as blockCount says", () => {
    fc.assert(
      fc.property(size, size, limit, limit, (rows, cols, mostRows, mostCols) => {
        const limits = { rows: mostRows, cols: mostCols };
        const blocks = splitIntoBlocks({ rows, cols }, limits);
        expect(blocks).toHaveLength(blockCount({ rows, cols }, limits));
        const covered = new Uint8Array(rows * cols);
        for (const block of blocks)
          for (let r = block.rowBegin; r < block.rowEnd; r++)
            for (let c = block.colBegin; c < block.colEnd; c++) covered[r * cols + c]!++;
        expect(covered.every((times) => times === 1)).toBe(true);
      }),
    );
  });
});

test("sliced weights take several columns: 8 slices leave 16 weights of 128 columns, 3 leave 42", () => {
  expect(weightsPerCrossbar({ rows: 128, cols: 128, slices: 8 })).toEqual({ rows: 128, cols: 16 });
  expect(weightsPerCrossbar({ rows: 128, cols: 128, slices: 3 })).toEqual({ rows: 128, cols: 42 });
});
