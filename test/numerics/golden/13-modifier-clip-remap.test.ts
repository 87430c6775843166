import { test } from "vitest";
import { clipWeights } from "../../../src/numerics/hwa/clip.ts";
import {
  discretiseToStates,
  MODIFIER_DEFAULTS,
  modifyWeights,
} from "../../../src/numerics/hwa/modifier.ts";
import { remapWeights } from "../../../src/numerics/hwa/remap.ts";
import { maxAbs } from "../support.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";

const cases = readCases("13-modifier-clip-remap.json");
const where = (holds: (c: Case) => unknown) => named(cases.filter(holds));

test.each(where((c) => c.modifier && c.engine === "rpucuda-cpu"))("%s", (_name, c) => {
  const { values, cols } = matrixOf(c.weights);
  const modifier = { ...MODIFIER_DEFAULTS, ...c.modifier };
  const address = { seed: 1, matrix: 0, row: 0 };
  expectClose(modifyWeights(values, cols, modifier, address), c.modified_weights);
});

test.each(where((c) => c.engine === "torch-tile"))("%s", (_name, c) => {
  const { values } = matrixOf(c.weights);
  const modified = values.map((w) => discretiseToStates(w, c.modifier.res, maxAbs(values)));
  expectClose(modified, c.modified_weights);
});

test.each(where((c) => c.clip))("%s", (_name, c) => {
  const { values, cols } = matrixOf(c.weights);
  expectClose(clipWeights(values, cols, c.clip), c.clipped_weights);
});

test.each(where((c) => c.remap))("%s", (_name, c) => {
  const { values, rows } = matrixOf(c.weights);
  const scales = new Float32Array(rows).fill(1);
  const remapped = remapWeights(values, scales, c.remap.type, c.remap.remapped_wmax);
  expectClose(remapped.weights, c.remapped_tile_weights);
  expectClose(remapped.scales, c.scales_after);
});
