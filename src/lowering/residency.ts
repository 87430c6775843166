import type { Mapping } from "../mapping/mapping.ts";

/**
 * Which expert is in which of the shared places, as a run goes on.
 *
 * The one mutable thing of lowering: it outlives a phase, since decode finds what prefill left.
 */
export interface Residency {
  /**
   * Tile of each block now, -1 while absent. Changes with `bringIn`, and with the copy of an expert
   * that is in use. [blockCount]
   */
  readonly tile: Int32Array;
  /** Does the expert share its place with others? */
  readonly shares: (layer: number, expert: number) => boolean;
  /**
   * Makes the expert resident, in place of the one unused for longest.
   * @returns its place, and whether it had to be written
   */
  readonly bringIn: (
    layer: number,
    expert: number,
  ) => { readonly slot: number; readonly written: boolean };
  /** Place of a block among all shared crossbars, -1 if it does not share. */
  readonly crossbarOf: (block: number) => number;
  /** Times that each place was written. [slots] */
  readonly writes: Float64Array;
}

export function createResidency(mapping: Mapping): Residency {
  const slots = mapping.slots;
  const isFixed = slots === null && mapping.copies === undefined;
  const tile = isFixed ? mapping.tile : mapping.tile.slice();
  const numberOf = new Map<string, number>();
  const ownerOf = new Int32Array(slots === null ? 0 : mapping.blockCount).fill(-1);
  slots?.experts.forEach(({ layer, expert, blockBegin, blockEnd }, i) => {
    numberOf.set(`${layer} ${expert}`, i);
    ownerOf.fill(i, blockBegin, blockEnd);
  });
  const slotOf = new Int32Array(slots?.experts.length ?? 0).fill(-1);
  const residents = new Int32Array(slots?.slotCount ?? 0);
  const lastUse = new Float64Array(residents.length);
  const writes = new Float64Array(residents.length);
  for (let slot = 0; slot < residents.length; slot++) {
    residents[slot] = slot;
    slotOf[slot] = slot;
  }
  let uses = 0;

  const move = (expert: number, slot: number): void => {
    const { blockBegin, blockEnd } = slots!.experts[expert]!;
    const first = slot * slots!.crossbarsPerSlot;
    for (let b = blockBegin; b < blockEnd; b++)
      tile[b] = slot < 0 ? -1 : slots!.tile[first + b - blockBegin]!;
    slotOf[expert] = slot;
  };
  const replace = (expert: number): number => {
    const slot = lastUse.indexOf(lastUse.reduce((a, b) => Math.min(a, b), Infinity));
    move(residents[slot]!, -1);
    move(expert, slot);
    residents[slot] = expert;
    writes[slot]!++;
    return slot;
  };

  return {
    tile,
    shares: (layer, expert) => numberOf.has(`${layer} ${expert}`),
    bringIn: (layer, expert) => {
      const number = numberOf.get(`${layer} ${expert}`)!;
      const written = slotOf[number]! < 0;
      const slot = written ? replace(number) : slotOf[number]!;
      lastUse[slot] = ++uses;
      return { slot, written };
    },
    crossbarOf: (block) => {
      const owner = ownerOf[block] ?? -1;
      if (owner < 0) return -1;
      const offset = block - slots!.experts[owner]!.blockBegin;
      return slotOf[owner]! * slots!.crossbarsPerSlot + offset;
    },
    writes,
  };
}
