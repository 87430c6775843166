/**
 * Matrices on crossbars, batched: inputs to codes, product, noise, ADC, scaling, block by block.
 *
 * A matrix whose blocks all fit runs in the `int` format (`reference-int.ts`, equal bit for bit),
 * any other in float32 (`reference.ts`, equal bit for bit).
 */
import type { AnalogMatrix } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { createReferenceEngine } from "./reference.ts";
import { intScalesOf, requirePeriphery } from "./reference-int.ts";
import { type Batch, loadBatch, widestOf } from "./wasm-batch.ts";
import { type PackedBlock, packFloat, packInt } from "./wasm-blocks.ts";
import {
  copyRows,
  guarded,
  multiplyF32,
  PANEL,
  requireBatch,
  TILE_ROWS,
  type WasmContext,
  type WasmProjection,
} from "./wasm-digital.ts";
import { roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** Rows per pass: codes and sums of a 512 x 512 block stay in a second-level cache. */
const CHUNK_ROWS = 120;

/** Copies what it needs of the matrix: the matrix can be dropped. */
export function createAnalog(context: WasmContext, matrix: AnalogMatrix): WasmProjection {
  // Checks shapes and values.
  createReferenceEngine().analog(matrix);
  requirePeriphery(matrix.periphery);
  const { inputs, outputs } = matrix;
  const { blocks, isInt } = packBlocks(context, matrix);
  const { inputLevels } = matrix.periphery;
  const read = isInt ? readInt : readFloat;
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
        // Throws, and says which.
        if (batch === null) return requireFinite(x.subarray(0, rows * inputs), "input", inputs);
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

/**
 * Apart from `createAnalog`, whose closure lives as long as the projection: what is captured beside
 * it would live on too.
 */
function packBlocks(
  context: WasmContext,
  matrix: AnalogMatrix,
): { readonly blocks: readonly PackedBlock[]; readonly isInt: boolean } {
  const scales = intScalesOf(matrix);
  const blocks = matrix.blocks.map((block, index) =>
    scales
      ? packInt(context, matrix, block, index, scales[index]!)
      : packFloat(context, matrix, block, index),
  );
  return { blocks, isInt: scales !== null };
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
