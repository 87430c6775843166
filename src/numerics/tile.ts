/** From a kind of tile to what computes a matrix on it: the path that its numerics need. */
import type { AnalogTile } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import type { AnalogMatrix } from "./engine.ts";
import type { DisposableProjection, ReusableEngine } from "./engines/reusable.ts";
import { createPeripheryProjection } from "./periphery/projection.ts";
import { type ProgramRequest, peripheryOf, programMatrix, type Slicing } from "./program.ts";
import { createSlicedProjection } from "./slicing.ts";

type TileNumerics = Pick<AnalogTile, "name" | "crossbar" | "input" | "output" | "numerics">;

/** The part of a request that the tile decides. */
export function requestOfTile(
  tile: TileNumerics,
): Pick<ProgramRequest, "numerics" | "inputBits" | "outputBits" | "levels" | "faults" | "slicing"> {
  const { numerics, input, output, crossbar } = tile;
  const slicing = slicingOf(tile);
  return {
    numerics,
    inputBits: input.bits,
    outputBits: output.bits,
    ...(slicing && { slicing }),
    ...(slicing === null &&
      crossbar.cell_bits !== undefined && { levels: 2 ** crossbar.cell_bits }),
    ...(numerics.faults && { faults: numerics.faults }),
  };
}

/** @throws InputError if something is missing, or too coarse, to compute with this kind of tile */
export function requireNumerics(tile: TileNumerics): void {
  const { numerics, inputBits, outputBits } = requestOfTile(tile);
  peripheryOf(numerics, inputBits, outputBits);
}

/** null: a weight is one cell and an input one read. */
function slicingOf({ name, crossbar, input, numerics }: TileNumerics): Slicing | null {
  const { slices, cell_bits } = crossbar;
  const isSerial = input.bits_per_phase < input.bits - 1;
  if (slices === 1 && !isSerial) return null;
  if (slices > 1 && cell_bits === undefined)
    throw new InputError("arch", [
      {
        pointer: `tiles "${name}" /crossbar/cell_bits`,
        found: `nothing, with ${slices} slices`,
        allowed: "a number of bits, where the numerics of bit slices are evaluated",
      },
    ]);
  return {
    slices,
    ...(cell_bits !== undefined && { cell_bits }),
    bits_per_phase: Math.min(input.bits_per_phase, Math.max(1, input.bits - 1)),
    lossless: numerics.lossless_conversions ?? false,
  };
}

/** An engine's part in reading crossbars. */
export type TileEngine = Pick<ReusableEngine, "analog" | "digital" | "fillNormals" | "writePairs">;

/** The request with the engine's faster ways of programming. */
export function onEngine(
  request: ProgramRequest,
  { fillNormals, writePairs }: TileEngine,
): ProgramRequest {
  return { ...request, fillNormals, ...(writePairs && { writePairs }) };
}

/**
 * Programs a matrix and makes what reads it: the engine's crossbars, several of them with digital
 * shift-and-add for bit slices and bit-serial inputs, or the full periphery in TypeScript.
 */
export function createTileProjection(
  engine: TileEngine,
  request: ProgramRequest,
): DisposableProjection {
  const { periphery } = request.numerics;
  const analog =
    periphery === undefined
      ? engine.analog
      : (matrix: AnalogMatrix): DisposableProjection => ({
          ...createPeripheryProjection(matrix, periphery),
          dispose: () => {},
        });
  const fast = onEngine(request, engine);
  const { slicing } = request;
  return slicing === undefined
    ? analog(programMatrix(fast))
    : createSlicedProjection({ analog, digital: engine.digital }, fast, slicing);
}
