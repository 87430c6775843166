/** Blocks of a matrix, packed into the engine's memory with all that reading them needs. */

import { philoxKey, philoxStream } from "../../random/philox.ts";
import type { AnalogBlock, AnalogMatrix } from "../engine.ts";
import { placeWeight } from "../periphery/ir-drop.ts";
import { type Conversion, conversionOf, type IntScales } from "./reference-int.ts";
import { PANEL, packF32, type WasmContext } from "./wasm-digital.ts";
import { type Region, roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** Inputs of an int16 panel come in fours of pairs. */
const INPUT_MULTIPLE = 8;

/** A block in the engine's memory. */
export interface PackedBlock {
  readonly region: Region;
  readonly rowBegin: number;
  readonly colBegin: number;
  readonly inputRange: number;
  readonly inputs: number;
  /** Inputs with padding. */
  readonly padded: number;
  readonly columns: number;
  readonly panels: number;
  readonly converter: Pointer;
  readonly scale: Pointer;
  readonly weights: Pointer;
  /** Operands of the extra products, 0 where not needed: |w|; w place; |w| in the energy's scale. */
  readonly absolutes: Pointer;
  readonly placed: Pointer;
  readonly energies: Pointer;
  /** float32 format with extra sums: [inputs] of `placeWeight`; else 0. */
  readonly place: Pointer;
}

/** Bytes of the constants in front of each block, see `Converter` in `../assembly/outputs.ts`. */
const CONVERTER_B = 64;

export function packInt(
  context: WasmContext,
  matrix: AnalogMatrix,
  block: AnalogBlock,
  index: number,
  scales: IntScales,
): PackedBlock {
  const { irDrop, readNoise } = matrix.periphery;
  const shape = shapeOf(block);
  const operand_B = 2 * shape.padded * PANEL * shape.panels;
  const operands = 1 + (irDrop > 0 ? 2 : 0) + (readNoise > 0 ? 1 : 0);
  const header_B = headerSize_B(shape.panels);
  const region = context.arena.claim(header_B + operands * operand_B);
  writeHeader(context, matrix, block, index, scales, region.at);
  let end = region.at + header_B;
  const operand = (needed: boolean): Pointer => {
    const begin = end;
    if (needed) end += operand_B;
    return needed ? begin : 0;
  };
  const at = {
    weights: operand(true),
    absolutes: operand(irDrop > 0),
    placed: operand(irDrop > 0),
    energies: operand(readNoise > 0),
  };
  packOperands(context, block.weights, shape, scales, at);
  return { ...shape, region, ...header(region), ...at, place: 0 };
}

/** Packs every operand panel by panel; one that is at 0 is not needed. */
function packOperands(
  { kernels, arena }: WasmContext,
  blockWeights: Float32Array,
  { inputs, padded, columns, panels }: Shape,
  scales: IntScales,
  at: Pick<PackedBlock, "weights" | "absolutes" | "placed" | "energies">,
): void {
  const source = arena.scratch(4 * (PANEL + 1) * inputs);
  const place = source + 4 * PANEL * inputs;
  arena.floats().set(placeWeights(inputs), place / 4);
  for (let p = 0; p < panels; p++) {
    const count = Math.min(PANEL, columns - p * PANEL);
    const from = p * PANEL * inputs;
    arena.floats().set(blockWeights.subarray(from, from + count * inputs), source / 4);
    const pack = (to: Pointer, scale: number, by: Pointer, absolute: boolean): void => {
      const panel = to + 2 * p * PANEL * padded;
      if (to !== 0)
        kernels.packPanelInt16(source, count, inputs, padded, scale, by, absolute, panel);
    };
    pack(at.weights, scales.weight, 0, false);
    pack(at.absolutes, scales.weight, 0, true);
    pack(at.placed, scales.weight, place, false);
    pack(at.energies, scales.energy, 0, true);
  }
}

export function packFloat(
  context: WasmContext,
  matrix: AnalogMatrix,
  block: AnalogBlock,
  index: number,
): PackedBlock {
  const { periphery } = matrix;
  const shape = shapeOf(block);
  const { inputs, columns, panels } = shape;
  const extra = periphery.irDrop > 0 || periphery.readNoise > 0;
  const header_B = headerSize_B(panels);
  const weights_B = 4 * panels * PANEL * inputs;
  const region = context.arena.claim(header_B + weights_B + (extra ? 4 * inputs : 0));
  writeHeader(context, matrix, block, index, null, region.at);
  const weights = region.at + header_B;
  packF32(context, block.weights, { outputs: columns, inputs }, weights);
  const place = extra ? weights + weights_B : 0;
  if (extra) context.arena.floats().set(placeWeights(inputs), place / 4);
  return {
    ...shape,
    region,
    ...header(region),
    weights,
    absolutes: 0,
    placed: 0,
    energies: 0,
    place,
  };
}

type Shape = ReturnType<typeof shapeOf>;

function shapeOf(block: AnalogBlock) {
  const inputs = block.rowEnd - block.rowBegin;
  const columns = block.colEnd - block.colBegin;
  return {
    rowBegin: block.rowBegin,
    colBegin: block.colBegin,
    inputRange: Math.fround(block.inputRange),
    inputs,
    padded: roundUp(inputs, INPUT_MULTIPLE),
    columns,
    panels: Math.ceil(columns / PANEL),
  };
}

function placeWeights(inputs: number): Float32Array {
  return Float32Array.from({ length: inputs }, (_, k) => placeWeight(k, inputs));
}

/** A block's region begins with its constants and its column scales. */
function headerSize_B(panels: number): number {
  return roundUp(CONVERTER_B + 4 * panels * PANEL, 64);
}

function header(region: Region) {
  return { converter: region.at, scale: region.at + CONVERTER_B };
}

function writeHeader(
  { arena }: WasmContext,
  matrix: AnalogMatrix,
  block: AnalogBlock,
  index: number,
  scales: IntScales | null,
  at: Pointer,
): void {
  const conversion = conversionOf(block, matrix.periphery, scales);
  const [key0, key1] = philoxKey(matrix.seed);
  const stream = philoxStream({ block: index, purpose: "output" });
  const words = [scales ? 1 : 0, matrix.matrix, stream, key0, key1];
  const constants = CONVERTER_FIELDS.map((field) => conversion[field]);
  const panels = Math.ceil((block.colEnd - block.colBegin) / PANEL);
  arena.floats().set(constants, at / 4);
  arena.words().set(words, at / 4 + constants.length);
  arena.floats().fill(0, (at + CONVERTER_B) / 4, (at + CONVERTER_B) / 4 + panels * PANEL);
  arena.floats().set(block.scale, (at + CONVERTER_B) / 4);
}

/** Order of the float32 words of `Converter` in `../assembly/outputs.ts`. */
const CONVERTER_FIELDS = [
  "unit",
  "irDrop",
  "perCurrent",
  "sigma",
  "variance",
  "perEnergy",
  "levels",
  "bound",
  "perValue",
  "step",
] as const satisfies readonly (keyof Conversion)[];
