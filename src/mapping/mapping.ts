/**
 * Which block of which matrix sits on which crossbar; a struct of arrays, one entry per block.
 *
 * Blocks of a matrix are consecutive, row-major; matrices are in the order of `weightMatrices`.
 * Lowering reads it to count reads and messages, numerics to slice weights and place quantisers.
 */
export interface Mapping {
  readonly blockCount: number;
  /** Blocks of matrix m are blockBegin[m] .. blockBegin[m + 1]; none if it is digital. [matrices + 1] */
  readonly blockBegin: Int32Array;
  /** Id of the matrix. [blockCount], like all below. */
  readonly matrix: Int32Array;
  /** Half-open ranges of that matrix; rows are inputs, columns outputs. */
  readonly rowBegin: Int32Array;
  readonly rowEnd: Int32Array;
  readonly colBegin: Int32Array;
  readonly colEnd: Int32Array;
  /** Index into `arch.tiles`. */
  readonly tileKind: Int32Array;
  /** Tile number over all kinds: those of kind 0 first. -1: not resident when the run starts. */
  readonly tile: Int32Array;
  readonly tier: Int32Array;
  /** Only when experts take turns on crossbars. */
  readonly slots: ExpertSlots | null;
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
