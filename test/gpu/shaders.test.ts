import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analogShader, extraSumsShader } from "../../src/gpu/shaders/analog.ts";
import { analogMatrixShader, extraMatrixShader } from "../../src/gpu/shaders/analog-matrix.ts";
import { plainShader, plainSumsShader } from "../../src/gpu/shaders/analog-plain.ts";
import { attentionShader } from "../../src/gpu/shaders/attention.ts";
import { codesShader, PACK, PACK_PLAIN } from "../../src/gpu/shaders/codes.ts";
import { digitalShader } from "../../src/gpu/shaders/digital.ts";
import { CHOOSE, PLACE, SCAN } from "../../src/gpu/shaders/router.ts";
import * as rows from "../../src/gpu/shaders/rows.ts";
import { type InputPlane, sweepsOf } from "../../src/gpu/shaders/sweeps.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { hasDawn, nullDevice } from "./open.ts";

const PLANES: readonly InputPlane[] = ["codes", "magnitudes", "squares low", "squares high"];
const OPERANDS = ["codes", "magnitudes", "squares"] as const;
const tiles = [
  tilesOf(128, 64),
  tilesOf(64, 64),
  tilesOf(32, 32),
  tilesOf(64, 64, [], { dot: { unrolled: true } }),
];
const shapes = [
  { M: 16, N: 16, K: 32 },
  { M: 16, N: 8, K: 32 },
];

/** Every shader that the program can ask for, by name. */
const shaders: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    tiles.flatMap(({ analog, digital }, i) => [
      ...[false, true].map((extras) => [`analog ${i} ${extras}`, analogShader(analog, extras)]),
      ...OPERANDS.map((operand) => [
        `extra ${i} ${operand}`,
        extraSumsShader(analog, sweepsOf(operand, PLANES), operand === "codes"),
      ]),
      ...(["i32", "f32"] as const).flatMap((type) => [
        ...[false, true].map((extras) => [
          `plain ${i} ${type} ${extras}`,
          plainShader(analog, type, extras),
        ]),
        ...OPERANDS.map((operand) => [
          `plain extra ${i} ${type} ${operand}`,
          plainSumsShader(analog, type, operand),
        ]),
      ]),
      ...[false, true].map((wide) => [`digital ${i} ${wide}`, digitalShader(digital, wide)]),
    ]),
  ),
  ...Object.fromEntries(
    shapes.flatMap((shape) =>
      [32, 64, 128].flatMap((height) => [
        ...[false, true].map((extras) => [
          `matrix ${height} ${shape.N} ${extras}`,
          analogMatrixShader(tilesOf(height, 64, [shape]).matrix!, extras),
        ]),
        ...OPERANDS.map((operand) => [
          `extra matrix ${height} ${shape.N} ${operand}`,
          extraMatrixShader(
            tilesOf(height, 64, [shape]).matrix!,
            sweepsOf(operand, PLANES),
            operand === "codes",
          ),
        ]),
      ]),
    ),
  ),
  ...Object.fromEntries(
    [PLANES, "i32" as const, "f32" as const].flatMap((type) =>
      [false, true].flatMap((wide) =>
        [false, true].map((bySubgroups) => [
          `codes ${type} ${wide} ${bySubgroups}`,
          codesShader(wide, type, bySubgroups),
        ]),
      ),
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
