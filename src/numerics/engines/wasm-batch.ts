/** The scratch space of one pass of rows through the crossbars of a matrix. */
import type { PackedBlock } from "./wasm-blocks.ts";
import { PANEL, TILE_ROWS, type WasmContext } from "./wasm-digital.ts";
import { roundUp } from "./wasm-memory.ts";
import type { Pointer } from "./wasm-module.ts";

/** Noise is drawn 32 numbers at a time. */
const DRAW_MULTIPLE = 32;

/** Sizes that the scratch space must hold. */
interface Widest {
  readonly padded: number;
  readonly columns: number;
  /** Columns that a block's last panel may reach past the outputs. */
  readonly overhang: number;
}

export function widestOf(blocks: readonly PackedBlock[]): Widest {
  return {
    padded: Math.max(0, ...blocks.map((block) => block.padded)),
    columns: Math.max(0, ...blocks.map((block) => block.panels * PANEL)),
    overhang: blocks.every(({ columns }) => columns % PANEL === 0) ? 0 : PANEL,
  };
}

/** One pass: some rows of inputs, and the scratch space that they go through. */
export interface Batch {
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

/** @returns null if an input is not finite */
export function loadBatch(
  { kernels, arena }: WasmContext,
  x: Float32Array,
  rowIds: Uint32Array,
  sizes: { readonly inputs: number; readonly outputs: number; readonly widest: Widest },
): Batch | null {
  const { inputs, widest } = sizes;
  const rows = rowIds.length;
  const tall = rows === 1 ? 1 : roundUp(rows, TILE_ROWS);
  // What a block's last panel adds past the outputs is 0.
  const yStride = roundUp(sizes.outputs, PANEL) + widest.overhang;
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
  if (!kernels.allFinite(at(parts.x), x.length)) return null;
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
