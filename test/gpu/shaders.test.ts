import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analogShader, extraSumsShader } from "../../src/gpu/shaders/analog.ts";
import { analogMatrixShader } from "../../src/gpu/shaders/analog-matrix.ts";
import { plainShader, plainSumsShader } from "../../src/gpu/shaders/analog-plain.ts";
import { attentionShader } from "../../src/gpu/shaders/attention.ts";
import { codesShader, PACK, PACK_PLAIN } from "../../src/gpu/shaders/codes.ts";
import { digitalShader } from "../../src/gpu/shaders/digital.ts";
import { CHOOSE, PLACE, SCAN } from "../../src/gpu/shaders/router.ts";
import * as rows from "../../src/gpu/shaders/rows.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { hasDawn, nullDevice } from "./open.ts";

const tiles = [tilesOf(128, 64), tilesOf(64, 64), tilesOf(32, 32), tilesOf(64, 64, [], 8, 4, true)];
const shapes = [
  { M: 16, N: 16, K: 32 },
  { M: 16, N: 8, K: 32 },
];

/** Every shader that the program can ask for, by name. */
const shaders: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    tiles.flatMap(({ analog, extra, digital }, i) => [
      ...[false, true].map((extras) => [`analog ${i} ${extras}`, analogShader(analog, extras)]),
      ...(["codes", "magnitudes", "squares"] as const).map((operand) => [
        `extra ${i} ${operand}`,
        extraSumsShader(extra, operand),
      ]),
      ...(["i32", "f32"] as const).flatMap((type) => [
        ...[false, true].map((extras) => [
          `plain ${i} ${type} ${extras}`,
          plainShader(extra, type, extras),
        ]),
        ...(["codes", "magnitudes", "squares"] as const).map((operand) => [
          `plain extra ${i} ${type} ${operand}`,
          plainSumsShader(extra, type, operand),
        ]),
      ]),
      ...[false, true].map((wide) => [`digital ${i} ${wide}`, digitalShader(digital, wide)]),
    ]),
  ),
  ...Object.fromEntries(
    shapes.flatMap((shape) =>
      [32, 64, 128].flatMap((height) =>
        [false, true].map((extras) => [
          `matrix ${height} ${shape.N} ${extras}`,
          analogMatrixShader(tilesOf(height, 64, [shape]).matrix!, extras),
        ]),
      ),
    ),
  ),
  ...Object.fromEntries(
    (["i8", "i32", "f32"] as const).flatMap((type) =>
      [false, true].map((wide) => [`codes ${type} ${wide}`, codesShader(wide, type)]),
    ),
  ),
  "pack plain": PACK_PLAIN,
  attention: attentionShader({ width: 128, queries: 16, keys: 8 }),
  ...{ pack: PACK, choose: CHOOSE, scan: SCAN, place: PLACE },
  ...{ embed: rows.EMBED, norm: rows.RMS_NORM, rotate: rows.ROTATE },
  ...{ swiglu: rows.SWIGLU, scatter: rows.SCATTER, loss: rows.LOSS },
};

describe.skipIf(!hasDawn)("shaders compile (skipped without npm package webgpu)", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await nullDevice();
  });
  afterAll(() => device.destroy());

  test.each(Object.entries(shaders))("%s", async (_name, code) => {
    device.pushErrorScope("validation");
    device.createShaderModule({ code });
    expect((await device.popErrorScope())?.message).toBeUndefined();
  });
});
