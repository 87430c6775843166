/** Matrices and inputs to measure with: Gaussian, the shapes of the published comparisons. */
import type { AnalogBlock, AnalogMatrix, Periphery } from "../src/numerics/engine.ts";
import type { WasmEngine } from "../src/numerics/engines/wasm.ts";

/** 8-bit DAC and ADC, dynamic input range, output noise as in AIHWKIT's standard preset. */
export const EIGHT_BIT: Periphery = {
  inputLevels: 127,
  outputLevels: 127,
  outputBound: 10,
  outputNoise: 0.04,
  readNoise: 0,
  irDrop: 0,
  irDropConductanceRatio: 1 / 0.35 / 5e-6,
};

/** The same with IR drop and PCM read noise, of that preset too. */
export const EVERY_EFFECT: Periphery = { ...EIGHT_BIT, irDrop: 1, readNoise: 0.0175 };

const TILE = 512;
const WEIGHT_STD = 0.25;

export function normals(engine: WasmEngine, n: number, row: number): Float32Array {
  const out = new Float32Array(n);
  engine.fillNormals(out, { seed: 1, matrix: 0, block: 0, purpose: "calibration", row });
  return out;
}

/** A matrix over 512 x 512 tiles; inputs and outputs are multiples of 512. */
export function syntheticMatrix(
  engine: WasmEngine,
  inputs: number,
  outputs: number,
  periphery: Periphery,
): AnalogMatrix {
  const blocks: AnalogBlock[] = [];
  for (let rowBegin = 0; rowBegin < inputs; rowBegin += TILE)
    for (let colBegin = 0; colBegin < outputs; colBegin += TILE)
      blocks.push({
        rowBegin,
        rowEnd: rowBegin + TILE,
        colBegin,
        colEnd: colBegin + TILE,
        weights: normals(engine, TILE * TILE, blocks.length).map((z) => z * WEIGHT_STD),
        scale: new Float32Array(TILE).fill(1),
        inputRange: 0,
      });
  return { inputs, outputs, blocks, periphery, seed: 1, matrix: 1 };
}
