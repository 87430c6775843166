/**
 * Matrices on crossbars, batched: inputs to codes, product, noise, ADC, scaling, block by block.
 *
 * A matrix whose blocks all fit runs in the `int` format (`reference-int.ts`, equal bit for bit),
 * any other in float32 (`reference.ts`, equal bit for bit).
 */
import type { AnalogBlock, AnalogMatrix } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { placeWeight } from "../periphery/ir-drop.ts";
import { philoxKey, philoxStream } from "../random.ts";
import { createReferenceEngine } from "./reference.ts";
import { type Conversion, conversionOf, type IntScales, intScalesOf } from "./reference-int.ts";
import {
  copyRows,
  guarded,
  multiplyF32,
  PANEL,
  packF32,
  requireBatch,
  TILE_ROWS,
  type WasmContext,
  type WasmProjection,
} from "./wasm-digital.ts";
import { type Region, roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** Rows per pass: codes and sums of a 512 x 512 block stay in a second-level cache. */
const CHUNK_ROWS = 120;
/** Inputs of an int16 panel come in fours of pairs. */
const INPUT_MULTIPLE = 8;
/** Noise is drawn 32 numbers at a time. */
const DRAW_MULTIPLE = 32;

/** A block in the engine's memory. */
interface PackedBlock {
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

/** Copies what it needs of the matrix: the matrix can be dropped. */
export function createAnalog(context: WasmContext, matrix: AnalogMatrix): WasmProjection {
  // Checks shapes and values.
  createReferenceEngine().analog(matrix);
  const { inputs, outputs } = matrix;
  const scales = intScalesOf(matrix);
  const blocks = matrix.blocks.map((block, index) =>
    scales
      ? packInt(context, matrix, block, index, scales[index]!)
      : packFloat(context, matrix, block, index),
  );
  const { inputLevels } = matrix.periphery;
  const read = scales ? readInt : readFloat;
  const widest = widestOf(blocks);
  const free = (): void => {
    for (const { region } of blocks) context.arena.free(region);
  };
  return guarded(context, free, {
    inputs,
    outputs,
    apply: (x, rows, rowIds, y) => {
      requireBatch(x, rows, inputs, y, outputs);
      if (rowIds.length < rows) throw new Error(`${rows} rows need ${rows} row ids`);
      const chunk = evenChunk(rows);
      for (let row = 0; row < rows; row += chunk) {
        const end = Math.min(row + chunk, rows);
        const batch = loadBatch(
          context,
          x.subarray(row * inputs, end * inputs),
          rowIds.subarray(row, end),
          { inputs, outputs, widest },
        );
        let last: PackedBlock | null = null;
        for (const block of blocks) {
          read(context, block, batch, inputLevels, last !== null && sameInputs(block, last));
          last = block;
        }
        copyRows(
          context.arena.floats(),
          batch.y / 4,
          batch.yStride,
          y.subarray(row * outputs, end * outputs),
          outputs,
        );
      }
    },
  });
}

/** Do two blocks see the same codes? */
function sameInputs(a: PackedBlock, b: PackedBlock): boolean {
  return a.rowBegin === b.rowBegin && a.inputs === b.inputs && a.inputRange === b.inputRange;
}

/** Rows per pass such that passes are about equal. */
function evenChunk(rows: number): number {
  const passes = Math.ceil(rows / CHUNK_ROWS);
  return Math.max(1, roundUp(Math.ceil(rows / passes), TILE_ROWS));
}

/** Sizes that the scratch space must hold. */
interface Widest {
  readonly padded: number;
  readonly columns: number;
}

function widestOf(blocks: readonly PackedBlock[]): Widest {
  return {
    padded: Math.max(0, ...blocks.map((block) => block.padded)),
    columns: Math.max(0, ...blocks.map((block) => block.panels * PANEL)),
  };
}

/** One pass: some rows of inputs, and the scratch space that they go through. */
interface Batch {
  readonly rows: number;
  readonly x: Pointer;
  readonly xStride_B: number;
  readonly rowIds: Pointer;
  readonly y: Pointer;
  readonly yStride: number;
  readonly ranges: Pointer;
  readonly normals: Pointer;
  /**
   * [rows][padded] of up to 4 bytes: codes, their magnitudes, their squares. In the float32 format
   * the second holds the codes in tiles.
   */
  readonly codes: Pointer;
  readonly magnitudes: Pointer;
  readonly squares: Pointer;
  /** [rows][columns] of 4 bytes. */
  readonly sums: Pointer;
  readonly currents: Pointer;
  readonly placed: Pointer;
  readonly energies: Pointer;
}

function loadBatch(
  { kernels, arena }: WasmContext,
  x: Float32Array,
  rowIds: Uint32Array,
  sizes: { readonly inputs: number; readonly outputs: number; readonly widest: Widest },
): Batch {
  const { inputs, widest } = sizes;
  const rows = rowIds.length;
  const tall = rows === 1 ? 1 : roundUp(rows, TILE_ROWS);
  // A block's last panel may reach past the outputs; what it adds there is 0.
  const yStride = roundUp(sizes.outputs, PANEL) + PANEL;
  let end = 0;
  const part = (elements: number): number => {
    const begin = end;
    end += roundUp(4 * elements, 64);
    return begin;
  };
  const parts = {
    x: part(rows * inputs),
    rowIds: part(rows),
    y: part(rows * yStride),
    ranges: part(rows),
    normals: part(roundUp(widest.columns, DRAW_MULTIPLE)),
    codes: part(tall * widest.padded),
    magnitudes: part(tall * widest.padded),
    squares: part(tall * widest.padded),
    sums: part(tall * widest.columns),
    currents: part(tall * widest.columns),
    placed: part(tall * widest.columns),
    energies: part(tall * widest.columns),
  };
  const base = arena.scratch(end);
  const at = (offset: number): Pointer => base + offset;
  arena.floats().set(x, at(parts.x) / 4);
  if (!kernels.allFinite(at(parts.x), x.length)) requireFinite(x, "input", inputs);
  arena.words().set(rowIds, at(parts.rowIds) / 4);
  arena.floats().fill(0, at(parts.y) / 4, at(parts.y) / 4 + rows * yStride);
  return {
    rows,
    xStride_B: 4 * inputs,
    yStride,
    x: at(parts.x),
    rowIds: at(parts.rowIds),
    y: at(parts.y),
    ranges: at(parts.ranges),
    normals: at(parts.normals),
    codes: at(parts.codes),
    magnitudes: at(parts.magnitudes),
    squares: at(parts.squares),
    sums: at(parts.sums),
    currents: at(parts.currents),
    placed: at(parts.placed),
    energies: at(parts.energies),
  };
}

function readInt(
  context: WasmContext,
  block: PackedBlock,
  batch: Batch,
  levels: number,
  codesAreThere: boolean,
): void {
  const { kernels } = context;
  const { inputs, padded, panels } = block;
  const { rows } = batch;
  const multiply = (codes: Pointer, weights: Pointer, sums: Pointer): void => {
    if (rows === 1) kernels.gemvInt16(codes, padded / 2, weights, panels, sums);
    else kernels.gemmInt16(codes, rows, padded / 2, weights, panels, sums, 4 * panels * PANEL);
  };
  const extra = block.absolutes !== 0 || block.energies !== 0;
  if (!codesAreThere) {
    const x = batch.x + 4 * block.rowBegin;
    const { xStride_B, codes, ranges } = batch;
    kernels.codesInt16(x, xStride_B, rows, inputs, padded, block.inputRange, levels, codes, ranges);
    const packedRows = rows === 1 ? 1 : roundUp(rows, TILE_ROWS);
    if (extra) kernels.magnitudes(codes, packedRows * padded, batch.magnitudes, batch.squares);
  }
  multiply(batch.codes, block.weights, batch.sums);
  if (block.absolutes !== 0) {
    multiply(batch.magnitudes, block.absolutes, batch.currents);
    multiply(batch.codes, block.placed, batch.placed);
  }
  if (block.energies !== 0) multiply(batch.squares, block.energies, batch.energies);
  finish(context, block, batch);
}

function readFloat(
  context: WasmContext,
  block: PackedBlock,
  batch: Batch,
  levels: number,
  codesAreThere: boolean,
): void {
  const { kernels } = context;
  const { inputs, panels, weights } = block;
  const { rows, codes } = batch;
  const stride_B = 4 * panels * PANEL;
  if (!codesAreThere) {
    const x = batch.x + 4 * block.rowBegin;
    kernels.codesF32(
      x,
      batch.xStride_B,
      rows,
      inputs,
      block.inputRange,
      levels,
      codes,
      batch.ranges,
    );
  }
  if (block.place !== 0)
    for (let row = 0; row < rows; row++)
      kernels.gemvF32Moments(
        codes + 4 * row * inputs,
        inputs,
        weights,
        panels,
        block.place,
        batch.sums + row * stride_B,
        batch.currents + row * stride_B,
        batch.placed + row * stride_B,
        batch.energies + row * stride_B,
      );
  else
    multiplyF32(kernels, {
      x: codes,
      rows,
      inputs,
      tiles: batch.magnitudes,
      weights,
      panels,
      sums: batch.sums,
    });
  finish(context, block, batch);
}

function finish({ kernels }: WasmContext, block: PackedBlock, batch: Batch): void {
  kernels.finishRows(
    block.converter,
    batch.rows,
    block.columns,
    batch.rowIds,
    batch.sums,
    batch.currents,
    batch.placed,
    batch.energies,
    4 * block.panels * PANEL,
    batch.ranges,
    block.scale,
    batch.y + 4 * block.colBegin,
    4 * batch.yStride,
    batch.normals,
  );
}

/** Bytes of the constants in front of each block, see `Converter` in `../assembly/outputs.ts`. */
const CONVERTER_B = 64;

function packInt(
  context: WasmContext,
  matrix: AnalogMatrix,
  block: AnalogBlock,
  index: number,
  scales: IntScales,
): PackedBlock {
  const { periphery } = matrix;
  const shape = shapeOf(block);
  const { inputs, padded, panels } = shape;
  const panel_B = 2 * padded * PANEL;
  const operands = 1 + (periphery.irDrop > 0 ? 2 : 0) + (periphery.readNoise > 0 ? 1 : 0);
  const header_B = headerSize_B(panels);
  const region = context.arena.claim(header_B + operands * panels * panel_B);
  writeHeader(context, matrix, block, index, scales, region.at);
  let end = region.at + header_B;
  const operand = (): Pointer => {
    const begin = end;
    end += panels * panel_B;
    return begin;
  };
  const weights = operand();
  const absolutes = periphery.irDrop > 0 ? operand() : 0;
  const placed = periphery.irDrop > 0 ? operand() : 0;
  const energies = periphery.readNoise > 0 ? operand() : 0;

  const { kernels, arena } = context;
  const source = arena.scratch(4 * (PANEL + 1) * inputs);
  const place = source + 4 * PANEL * inputs;
  arena.floats().set(placeWeights(inputs), place / 4);
  for (let p = 0; p < panels; p++) {
    const columns = Math.min(PANEL, shape.columns - p * PANEL);
    const from = p * PANEL * inputs;
    arena.floats().set(block.weights.subarray(from, from + columns * inputs), source / 4);
    const pack = (to: Pointer, scale: number, by: Pointer, absolute: boolean): void => {
      if (to === 0) return;
      const panel = to + p * panel_B;
      kernels.packPanelInt16(source, columns, inputs, padded, scale, by, absolute, panel);
    };
    pack(weights, scales.weight, 0, false);
    pack(absolutes, scales.weight, 0, true);
    pack(placed, scales.weight, place, false);
    pack(energies, scales.energy, 0, true);
  }
  return { ...shape, region, ...header(region), weights, absolutes, placed, energies, place: 0 };
}

function packFloat(
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
