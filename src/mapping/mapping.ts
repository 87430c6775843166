import type { BlockCuts } from "./split.ts";

/**
 * Which block of which matrix sits on which crossbar.
 *
 * Blocks are numbered matrix by matrix, in the order of `weightMatrices`, and row-major within one.
 * Large models have millions of them, so a block has two numbers of its own, its tile and its tier;
 * the rest belongs to its matrix, and matrices of one shape share their cuts.
 *
 * Lowering reads it to count reads and messages, numerics to slice weights and place quantisers.
 */
export interface Mapping {
  readonly blockCount: number;
  /** Blocks of matrix m are blockBegin[m] .. blockBegin[m + 1]; none if it is digital. [matrices + 1] */
  readonly blockBegin: Int32Array;
  /** Index into `arch.tiles` of each matrix, -1 if it is digital. [matrices] */
  readonly tileKind: Int32Array;
  /** Block i of matrix m covers entry i of cuts[m]; no entry if it is digital. [matrices] */
  readonly cuts: readonly BlockCuts[];
  /**
   * Tile number over all kinds: those of kind 0 first. -1: not resident when the run starts, which
   * a matrix is with all its blocks or with none. [blockCount]
   */
  readonly tile: Int32Array;
  readonly tier: Int32Array;
  /** Only when experts take turns on crossbars. */
  readonly slots: ExpertSlots | null;
  /** Further copies of hot experts; left out: none. */
  readonly copies?: ExpertCopies;
}

/** Copies of routed experts beside the one that the mapping lists, which is copy 0. */
export interface ExpertCopies {
  readonly experts: readonly CopiedExpert[];
  /** Crossbars of all copies. [crossbars] */
  readonly tile: Int32Array;
  readonly tier: Int32Array;
}

export interface CopiedExpert {
  readonly layer: number;
  readonly expert: number;
  /** Its gate, up and down. */
  readonly matrices: readonly number[];
  /** Its blocks, consecutive: blockBegin .. blockEnd. */
  readonly blockBegin: number;
  readonly blockEnd: number;
  /** Without copy 0, >= 1. Block b is in copy c at entry first + (c - 1) * blocks + b - blockBegin. */
  readonly copies: number;
  readonly first: number;
}

/** The matrix that a block belongs to. */
export function matrixOfBlock({ blockBegin }: Pick<Mapping, "blockBegin">, block: number): number {
  let low = 0;
  let high = blockBegin.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (blockBegin[middle]! <= block) low = middle;
    else high = middle;
  }
  return low;
}

/** Places for one routed expert each, shared by more experts than there are places. */
export interface ExpertSlots {
  readonly slotCount: number;
  readonly crossbarsPerSlot: number;
  /** Crossbar i of slot s is entry s * crossbarsPerSlot + i. */
  readonly tile: Int32Array;
  readonly tier: Int32Array;
  /** Analog matrices of each expert that takes turns, in the order of layers and experts. */
  readonly experts: readonly SharingExpert[];
}

interface SharingExpert {
  readonly layer: number;
  readonly expert: number;
  /** Its blocks, consecutive: blockBegin .. blockEnd. */
  readonly blockBegin: number;
  readonly blockEnd: number;
}
