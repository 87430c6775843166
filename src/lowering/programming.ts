import type { ProductContext } from "./context.ts";
import type { GatedIds } from "./plan.ts";
import type { Sink } from "./sink.ts";
import type { Template } from "./template.ts";

/** Writing of experts into crossbars that they share. */
export interface Programming {
  /** Do any experts share crossbars? */
  readonly isNeeded: boolean;
  /**
   * Makes an expert resident before it is used; adds the writes if it is absent.
   * @param before the op that knows that the expert is wanted
   */
  readonly bringIn: (
    layer: number,
    expert: number,
    ids: GatedIds,
    before: number,
    token: number,
  ) => void;
  /** Makes reads of shared crossbars wait for the last write, and remembers them. */
  readonly addReads: (template: Template, base: number) => void;
}

/**
 * A crossbar is written when its expert is wanted and all reads of the expert before are done; it
 * is read when it has been written. While it is written its tile does nothing else.
 */
export function createProgramming(context: ProductContext, sink: Sink): Programming {
  const { analog, residency, ops, resources } = context;
  const { blockBegin, tileKind, slots } = analog.mapping;
  const crossbars = slots === null ? 0 : slots.slotCount * slots.crossbarsPerSlot;
  const lastWrite = new Int32Array(crossbars).fill(-1);
  const readsSince: number[][] = Array.from({ length: crossbars }, () => []);

  const write = (kind: number, block: number, before: number, token: number): void => {
    const opClass = ops.classOf({ kind: "program", tileKind: kind });
    const op = sink.add(opClass, resources.ofTile(analog.tile[block]!), token);
    const crossbar = residency.crossbarOf(block);
    sink.depend(before, op);
    if (lastWrite[crossbar]! >= 0) sink.depend(lastWrite[crossbar]!, op);
    for (const read of readsSince[crossbar]!) sink.depend(read, op);
    lastWrite[crossbar] = op;
    readsSince[crossbar] = [];
  };

  return {
    isNeeded: crossbars > 0,
    bringIn: (layer, expert, ids, before, token) => {
      if (crossbars === 0 || !residency.shares(layer, expert)) return;
      if (!residency.bringIn(layer, expert).written) return;
      for (const matrix of [ids.gate, ids.up, ids.down])
        for (let b = blockBegin[matrix]!; b < blockBegin[matrix + 1]!; b++)
          write(tileKind[matrix]!, b, before, token);
    },
    addReads: ({ blocks, reads }, base) => {
      for (let i = 0; i < blocks.length; i++) {
        const crossbar = residency.crossbarOf(blocks[i]!);
        if (crossbar < 0) continue;
        if (lastWrite[crossbar]! >= 0) sink.depend(lastWrite[crossbar]!, base + reads[i]!);
        readsSince[crossbar]!.push(base + reads[i]!);
      }
    },
  };
}
