/** Counts of hardware events, before any price: no time, no energy. */
import type { AnalogTile } from "../model/arch.ts";
import { readPhases } from "./components/crossbar.ts";

/** What one MVM does on a tile that is priced by its parts. */
export interface MvmActions {
  readonly phases: number;
  readonly rowDrives: number;
  readonly cellReads: number;
  /** Unit-cell columns that hold weights. */
  readonly usedColumns: number;
  readonly samples: number;
  readonly conversions: number;
  readonly merges: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** A block of weights, [rows = inputs][cols = outputs]. */
export interface Block {
  readonly rows: number;
  readonly cols: number;
}

/**
 * Counts the events of one input vector through one block.
 *
 * Only rows and columns that the block uses are driven, read and converted. Every conversion is
 * merged: added, shifted by its phase and its slice, to the result that it is a part of.
 */
export function countMvm(tile: Pick<AnalogTile, "crossbar" | "input" | "output">, block: Block) {
  const { crossbar, input } = tile;
  const phases = readPhases({ input_bits: input.bits, bits_per_phase: input.bits_per_phase });
  const usedColumns = block.cols * crossbar.slices;
  const conversions = phases * usedColumns;
  return {
    phases,
    rowDrives: phases * block.rows,
    cellReads: phases * block.rows * usedColumns,
    usedColumns,
    samples: conversions,
    conversions,
    merges: conversions,
    inputBytes: inputBytes(tile, block.rows),
    outputBytes: outputBytes(tile, block.cols),
  } satisfies MvmActions;
}

/** Bytes of an input vector in the tile's input buffer. */
export function inputBytes(tile: Pick<AnalogTile, "input">, rows: number): number {
  return Math.ceil((rows * tile.input.bits) / 8);
}

/**
 * Bytes of an output vector in the tile's output buffer.
 *
 * Results are kept as wide as the inputs of the next layer, or as the ADC where that is wider.
 */
export function outputBytes(tile: Pick<AnalogTile, "input" | "output">, cols: number): number {
  return Math.ceil((cols * Math.max(tile.input.bits, tile.output.bits)) / 8);
}

/** Multiply-accumulates of a matrix product. */
export function countMacs(product: {
  readonly batch: number;
  readonly tokens: number;
  readonly inputs: number;
  readonly outputs: number;
}): number {
  return product.batch * product.tokens * product.inputs * product.outputs;
}
