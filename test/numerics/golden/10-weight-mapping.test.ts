import { describe, test } from "vitest";
import { createLayer } from "../../../src/numerics/periphery/layer.ts";
import { ioOf } from "./forward.ts";
import { expectClose, matrixOf, named, readCases } from "./golden.ts";
import { readAll, tilesOf } from "./layer.ts";

describe.each(named(readCases("10-weight-mapping.json")))("%s", (_name, c) => {
  const w = matrixOf(c.weights);
  const tiles = tilesOf(w, c.mapping);

  test("weights and scales of the tile", () => {
    expectClose(tiles[0]!.weights, c.tile_weights);
    if (c.mapping_scales === null) return;
    expectClose(tiles[0]!.scale.subarray(0, c.mapping_scales.length), c.mapping_scales);
  });

  test("outputs", () => {
    const layer = createLayer(tiles, w.rows, {
      io: ioOf(c),
      address: { seed: 1, matrix: 0 },
      bias: c.bias,
      ...(c.learned_out_scales && {
        outScales:
          w.rows === c.learned_out_scales.length
            ? c.learned_out_scales
            : new Float32Array(w.rows).fill(c.learned_out_scales[0]),
      }),
    });
    expectClose(readAll(layer, matrixOf(c.inputs)), c.outputs);
  });
});
