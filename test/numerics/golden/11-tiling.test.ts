import { describe, expect, test } from "vitest";
import { createLayer } from "../../../src/numerics/periphery/layer.ts";
import { maxAbs } from "../support.ts";
import { ioOf } from "./forward.ts";
import { expectClose, matrixOf, named, readCases } from "./golden.ts";
import { readAll, tilesOf } from "./layer.ts";

describe.each(named(readCases("11-tiling.json")))("%s", (_name, c) => {
  const w = matrixOf(c.weights);
  const tiles = tilesOf(w, c.mapping);

  test("scales of the first tile", () => {
    const wanted = c.mapping_scales_tile00_first8;
    expectClose(tiles[0]!.scale.subarray(0, wanted.length), wanted);
  });

  test("outputs", () => {
    const layer = createLayer(tiles, w.rows, { io: ioOf(c), address: { seed: 1, matrix: 0 } });
    const y = readAll(layer, matrixOf(c.inputs));
    if (c.forward.is_perfect) return expectClose(y, c.outputs);
    // The closest tie is 1e-5 of a step away: README, at most 3 outputs off by one step.
    const wanted: number[] = c.outputs.flat();
    const tolerance = 2e-6 * maxAbs(wanted) + 1e-6;
    const step = (0.05 * 2 * c.forward.out_bound) / c.forward.out_res;
    const off = wanted.map((v, i) => Math.abs(v - y[i]!)).filter((d) => d > tolerance);
    expect(off.length).toBeLessThanOrEqual(3);
    for (const distance of off) expect(distance).toBeLessThan(1.01 * step);
  });
});
