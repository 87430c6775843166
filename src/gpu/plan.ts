/** Which rows go through which matrix: built here for rows in order, by the router for experts. */
import { type GpuContext, GpuError } from "./context.ts";
import { createBuffer, upload } from "./recorder.ts";

/** A buffer as `shaders/tables.ts` describes it, and where its parts begin. */
export interface Plan {
  readonly buffer: GPUBuffer;
  readonly slots: number;
  /** At least as many as there are tiles. */
  readonly mostTiles: number;
  readonly tilesAt: number;
  readonly rowsAt: number;
  readonly rowIdsAt: number;
  readonly groupsAt: number;
}

const HEADER = 4;
/** Most workgroups along one side of a dispatch. */
const MOST_TILES = 65535;

function offsets(slots: number, mostTiles: number): Omit<Plan, "buffer"> & { words: number } {
  if (mostTiles > MOST_TILES) throw new GpuError(`${mostTiles} tiles in a dispatch`);
  const rowsAt = HEADER + 4 * mostTiles;
  return {
    ...{ slots, mostTiles, tilesAt: HEADER, rowsAt },
    rowIdsAt: rowsAt + slots,
    groupsAt: rowsAt + 2 * slots,
    words: rowsAt + 3 * slots,
  };
}

/** Rows in order, `rowsOfGroup` of each group; slot and row are the same. */
export function densePlan(
  gpu: GpuContext,
  rowIds: Uint32Array,
  groups: readonly number[],
  tileRows: number,
): Plan {
  const each = rowIds.length;
  const perGroup = Math.ceil(each / tileRows);
  const { words, ...at } = offsets(each * groups.length, perGroup * groups.length);
  const data = new Uint32Array(words);
  data[0] = at.mostTiles;
  groups.forEach((group, g) => {
    for (let t = 0; t < perGroup; t++)
      data.set([group, g * each + t * tileRows, (g + 1) * each], HEADER + 4 * (g * perGroup + t));
    for (let i = 0; i < each; i++) data[at.rowsAt + g * each + i] = g * each + i;
    data.set(rowIds, at.rowIdsAt + g * each);
    data.fill(group, at.groupsAt + g * each, at.groupsAt + (g + 1) * each);
  });
  return { ...at, buffer: upload(gpu, data) };
}

/** Room for what the router will fill in. */
export function routedPlan(gpu: GpuContext, slots: number, groups: number, tileRows: number): Plan {
  const { words, ...at } = offsets(slots, Math.ceil(slots / tileRows) + groups);
  return { ...at, buffer: createBuffer(gpu, 4 * words) };
}

/** One use of a product. */
export interface StageIo {
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
  readonly plan: Plan;
  /** x is read at the row of a slot; else at the slot. */
  readonly gather?: boolean;
  /** Adds to y. */
  readonly accumulate?: boolean;
}

/** What a plan and the way it is used say to a shader. */
export function planWords({ plan, gather, accumulate }: StageIo) {
  const { slots, tilesAt, rowsAt, rowIdsAt, groupsAt } = plan;
  return {
    ...{ slots, tilesAt, rowsAt, rowIdsAt, groupsAt },
    gather: gather ? 1 : 0,
    accumulate: accumulate ? 1 : 0,
  };
}
