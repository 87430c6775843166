/** Files as the core sees them: it never opens a path itself. */

/** One open file. */
export interface RandomAccess {
  /** Bytes of the file. */
  readonly size: number;
  /** At most `length` bytes from `offset` on; fewer only at the end of the file. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** The files of a checkpoint folder; the shell supplies them from disk, a test from memory. */
export interface CheckpointFiles {
  readonly names: readonly string[];
  readonly open: (name: string) => Promise<RandomAccess>;
}
