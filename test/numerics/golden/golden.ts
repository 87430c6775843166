/** Reads golden files: cases, generated arrays, tolerances. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";

// biome-ignore lint/suspicious/noExplicitAny: golden cases are free-form JSON
export type Case = any;

/** Folder of the golden numbers of AIHWKIT; its README says how they came about. */
const FOLDER = new URL("../../golden/aihwkit/", import.meta.url);

export function readCases(file: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")).cases;
}

/** [name, case] for `test.each`. */
export function named(cases: readonly Case[]): [string, Case][] {
  return cases.map((c) => [c.name, c]);
}

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

/** A matrix of a case, given in full or by a generator. */
export function matrixOf(given: Case): Matrix {
  if (Array.isArray(given)) {
    const nested = Array.isArray(given[0]) ? given : [given];
    return {
      rows: nested.length,
      cols: nested[0].length,
      values: Float32Array.from(nested.flat()),
    };
  }
  const { rows, cols } = given;
  const values = new Float32Array(rows * cols);
  const at = generator(given);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) values[i * cols + j] = at(i, j);
  return { rows, cols, values };
}

function generator(g: Case): (i: number, j: number) => number {
  if (g.generator.startsWith("irwin-hall"))
    return (i, j) => {
      let sum = -2;
      for (let k = 0; k < 4; k++) sum += (hash(i, j, g.seed + 0x1000193 * k) + 0.5) / 2 ** 32;
      return sum * Math.sqrt(3) * g.std;
    };
  const wave = g.generator.includes("sin") ? Math.sin : Math.cos;
  return (i, j) => g.amp * wave(g.bi * i + g.bj * j + g.ph);
}

function hash(i: number, j: number, seed: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(j + 1, 0x85ebca6b) ^ seed;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return h >>> 0;
}

/** The README's rule for deterministic cases: 2e-6 of the largest output, plus 1e-6. */
export function expectClose(
  actual: ArrayLike<number>,
  given: Case,
  { relative = 2e-6, absolute = 1e-6 } = {},
  name = "",
): void {
  const wanted: number[] = Array.isArray(given) ? given.flat(3) : [given];
  expect(actual.length).toBe(wanted.length);
  const tolerance = relative * Math.max(...wanted.map(Math.abs)) + absolute;
  for (let i = 0; i < wanted.length; i++)
    if (!(Math.abs(actual[i]! - wanted[i]!) <= tolerance))
      expect.fail(`${name}[${i}]: ${actual[i]} instead of ${wanted[i]} +- ${tolerance}`);
}
