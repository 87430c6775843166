import type { Mapping } from "../mapping/mapping.ts";
import type { OpTable } from "./op-table.ts";
import type { Resources } from "./resources.ts";
import type { StepTable } from "./steps.ts";

/** What templates of analog products are compiled from. */
export interface AnalogPart {
  readonly mapping: Mapping;
  /** Tile of each block now. [blockCount] */
  readonly tile: Int32Array;
  /** Network node of each tile. */
  readonly nodes: Int32Array;
  /** Input bits of each kind of tile. */
  readonly inputBits: readonly number[];
  readonly ops: OpTable;
  readonly steps: StepTable;
  readonly resources: Resources;
  readonly routes: Routes;
}

/** Numbers of the ways that messages take. */
export interface Routes {
  readonly routeOf: (from: number, to: number) => number;
  /** To several nodes at once. */
  readonly treeOf: (from: number, to: readonly number[]) => number;
  /** From several nodes, added up where they meet. */
  readonly reductionOf: (to: number, from: readonly number[]) => number;
}

/** The finished sum of one column block, at the tile that did the summing. */
export interface ColumnSum {
  readonly colBegin: number;
  readonly colEnd: number;
  readonly tile: number;
  readonly op: number;
}
