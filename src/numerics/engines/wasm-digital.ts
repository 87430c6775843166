/** Exact products in float32, equal to the reference engine's bit for bit. */
import type { Projection } from "../engine.ts";
import { requireFinite } from "../finite.ts";
import { type Arena, roundUp } from "./wasm-memory.ts";
import type { Kernels, Pointer } from "./wasm-module.ts";

/** Outputs of a panel of packed weights. */
export const PANEL = 8;
/** Rows of a tile of packed inputs. */
export const TILE_ROWS = 5;
/** Rows per pass: their inputs and sums stay in a second-level cache. */
const CHUNK_ROWS = 120;

/** A projection whose weights lie in the engine's memory. */
export interface WasmProjection extends Projection {
  /** Gives the memory back; `apply` is an error from then on. */
  readonly dispose: () => void;
}

/** What projections of one engine share. */
export interface WasmContext {
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Counts releases of the whole memory: a projection of an earlier era is gone. */
  readonly era: () => number;
}

/**
 * @param weights [outputs][inputs]; copied
 */
export function createDigital(
  context: WasmContext,
  weights: Float32Array,
  outputs: number,
  inputs: number,
): WasmProjection {
  const { kernels, arena } = context;
  if (weights.length !== outputs * inputs)
    throw new Error(`${weights.length} weights, ${outputs} x ${inputs} expected`);
  const panels = Math.ceil(outputs / PANEL);
  const packed = arena.claim(panels * PANEL * inputs * 4);
  packF32(context, weights, { outputs, inputs }, packed.at);
  const stride = panels * PANEL;

  /** @returns false if an input is not finite */
  const applyChunk = (x: Float32Array, y: Float32Array): boolean => {
    const rows = x.length / inputs;
    const tall = rows === 1 ? 1 : roundUp(rows, TILE_ROWS);
    const xSize_B = roundUp(4 * tall * inputs, 64);
    const xAt = arena.scratch(2 * xSize_B + 4 * tall * stride);
    const tiles = xAt + xSize_B;
    const sums = tiles + xSize_B;
    arena.floats().set(x, xAt / 4);
    if (!kernels.allFinite(xAt, x.length)) return false;
    multiplyF32(kernels, { x: xAt, rows, inputs, tiles, weights: packed.at, panels, sums });
    copyRows(arena.floats(), sums / 4, stride, y, outputs);
    return true;
  };

  return guarded(context, () => arena.free(packed), {
    inputs,
    outputs,
    apply: (x, rows, _rowIds, y) => {
      requireBatch(x, rows, inputs, y, outputs);
      for (let row = 0; row < rows; row += CHUNK_ROWS) {
        const end = Math.min(row + CHUNK_ROWS, rows);
        const finite = applyChunk(
          x.subarray(row * inputs, end * inputs),
          y.subarray(row * outputs, end * outputs),
        );
        if (!finite) requireFinite(x.subarray(0, rows * inputs), "input", inputs);
      }
    },
  });
}

/** x [rows][inputs] times packed weights into sums [rows][8 panels]; tiles is scratch space. */
export function multiplyF32(
  kernels: Kernels,
  o: {
    readonly x: Pointer;
    readonly rows: number;
    readonly inputs: number;
    readonly tiles: Pointer;
    readonly weights: Pointer;
    readonly panels: number;
    readonly sums: Pointer;
  },
): void {
  if (o.rows === 1) {
    kernels.gemvF32(o.x, o.inputs, o.weights, o.panels, o.sums);
    return;
  }
  kernels.packTilesF32(o.x, o.rows, o.inputs, o.tiles);
  kernels.gemmF32(o.tiles, o.rows, o.inputs, o.weights, o.panels, o.sums, 4 * o.panels * PANEL);
}

/** Packs a matrix panel by panel, so that only one panel's weights are held twice. */
export function packF32(
  { kernels, arena }: WasmContext,
  weights: Float32Array,
  { outputs, inputs }: { readonly outputs: number; readonly inputs: number },
  to: Pointer,
): void {
  const source = arena.scratch(4 * PANEL * inputs);
  for (let output = 0; output < outputs; output += PANEL) {
    const count = Math.min(PANEL, outputs - output);
    const part = weights.subarray(output * inputs, (output + count) * inputs);
    arena.floats().set(part, source / 4);
    if (!kernels.allFinite(source, part.length)) requireFinite(weights, "weight", inputs);
    kernels.packPanelF32(source, count, inputs, to + 4 * output * inputs);
  }
}

/** Rows out of a padded array. @param stride elements between rows of the source */
export function copyRows(
  source: Float32Array,
  at: number,
  stride: number,
  y: Float32Array,
  outputs: number,
): void {
  if (stride === outputs) {
    y.set(source.subarray(at, at + y.length));
    return;
  }
  for (let row = 0; row * outputs < y.length; row++)
    y.set(source.subarray(at + row * stride, at + row * stride + outputs), row * outputs);
}

/** Makes use after `dispose` or after a release of the engine an error. */
export function guarded(
  { era }: WasmContext,
  free: () => void,
  projection: Projection,
): WasmProjection {
  const born = era();
  let disposed = false;
  return {
    ...projection,
    apply: (x, rows, rowIds, y) => {
      if (disposed || era() !== born) throw new Error("this projection was disposed of");
      projection.apply(x, rows, rowIds, y);
    },
    dispose: () => {
      if (!disposed && era() === born) free();
      disposed = true;
    },
  };
}

export function requireBatch(
  x: Float32Array,
  rows: number,
  inputs: number,
  y: Float32Array,
  outputs: number,
): void {
  if (x.length < rows * inputs || y.length < rows * outputs)
    throw new Error(`${rows} rows do not fit x [${x.length}], y [${y.length}]`);
}
