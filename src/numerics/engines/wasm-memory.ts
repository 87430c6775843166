/** Who owns which part of the module's memory. */
import type { LinearMemory, Pointer } from "./wasm-module.ts";

/** A claimed part. */
export interface Region {
  readonly at: Pointer;
  readonly size_B: number;
}

/**
 * Memory handed out in regions.
 *
 * Regions stack up from the bottom; a freed one is handed out again to the next claim of the same
 * size, which fits a model that is programmed again and again; when none is held any more, all begins
 * anew, which fits a model that is read layer by layer. Scratch space begins above the last
 * region and lives until the next claim.
 */
export interface Arena {
  /** @throws Error when 4 GiB are used up */
  readonly claim: (size_B: number) => Region;
  readonly free: (region: Region) => void;
  /** Frees everything. */
  readonly reset: () => void;
  /** Address of at least that much space, valid until the next claim. */
  readonly scratch: (size_B: number) => Pointer;
  /** Claimed, freed regions left out. */
  readonly used_B: () => number;
  /** The whole memory as float32; valid until the next claim or scratch. */
  readonly floats: () => Float32Array;
  readonly words: () => Int32Array;
}

/** Regions start on cache lines. */
const LINE_B = 64;
const PAGE_B = 65536;

export function createArena(memory: LinearMemory, base: Pointer): Arena {
  const bottom = roundUp(base, LINE_B);
  const freed = new Map<number, Region[]>();
  let top = bottom;
  let used_B = 0;
  let floats = new Float32Array(memory.buffer);
  let words = new Int32Array(memory.buffer);

  const reach = (end: Pointer): void => {
    const held_B = memory.buffer.byteLength;
    if (end <= held_B) return;
    const missing = Math.ceil((end - held_B) / PAGE_B);
    if (!growBy(memory, Math.max(missing, Math.ceil(held_B / PAGE_B / 4)), missing)) {
      throw new Error(
        `the wasm engine's memory cannot grow to ${end} bytes (most: 4 GiB); ` +
          "dispose of projections that are done, or evaluate layer by layer",
      );
    }
    floats = new Float32Array(memory.buffer);
    words = new Int32Array(memory.buffer);
  };

  const reset = (): void => {
    freed.clear();
    top = bottom;
    used_B = 0;
  };

  return {
    claim: (size) => {
      const size_B = roundUp(size, LINE_B);
      const region = freed.get(size_B)?.pop() ?? { at: top, size_B };
      if (region.at === top) {
        reach(top + size_B);
        top += size_B;
      }
      used_B += size_B;
      return region;
    },
    free: (region) => {
      const sameSize = freed.get(region.size_B);
      if (sameSize) sameSize.push(region);
      else freed.set(region.size_B, [region]);
      used_B -= region.size_B;
      if (used_B === 0) reset();
    },
    reset,
    scratch: (size_B) => {
      reach(top + size_B);
      return top;
    },
    used_B: () => used_B,
    floats: () => floats,
    words: () => words,
  };
}

/** Growing is slow, so more is asked for than needed where it is to be had: what is not touched costs nothing. */
function growBy(memory: LinearMemory, wanted: number, needed: number): boolean {
  for (const pages of [wanted, needed])
    try {
      memory.grow(pages);
      return true;
    } catch {
      // the next, or none
    }
  return false;
}

export function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
