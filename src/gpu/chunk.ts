/** Rows that go through a layer together: some windows of the text, once for each variant. */
import type { Workload } from "../model/workload.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import { rotaryTable } from "../transformer/rope.ts";
import { headAttention } from "../transformer/supported.ts";
import type { GpuContext } from "./context.ts";
import { densePlan, type Plan, routedPlan } from "./plan.ts";
import { createBuffer, upload } from "./recorder.ts";
import { QUERIES } from "./shaders/attention.ts";

/** Choices of the router, and the plan that comes of them. */
interface Routed {
  readonly plan: Plan;
  readonly groups: number;
  readonly tileRows: number;
  /** [rows][k] */
  readonly chosen: GPUBuffer;
  readonly gateWeights: GPUBuffer;
  readonly places: GPUBuffer;
  /** [variants][experts] */
  readonly counts: GPUBuffer;
  readonly cursors: GPUBuffer;
}

export interface Chunk {
  readonly firstWindow: number;
  readonly windows: readonly TokenWindow[];
  readonly variants: number;
  /** Rows of one variant, and of all. */
  readonly each: number;
  readonly rows: number;
  readonly plan: Plan;
  /** Residual stream, [variants][rows of one][features]. */
  readonly hidden: GPUBuffer;
  readonly tokens: GPUBuffer;
  /** The next token of each row; the vocabulary's size where none is predicted. [variants][each] */
  readonly targets: GPUBuffer;
  readonly positions: GPUBuffer;
  readonly rowIds: Uint32Array;
  readonly rotary: GPUBuffer;
  readonly attention: { readonly tiles: GPUBuffer; readonly count: number };
  readonly routed: Routed;
  readonly dispose: () => void;
}

/** What stands for "nothing is predicted here". */
export const NO_TARGET = 0xffffffff;

interface Rows {
  readonly tokens: Uint32Array;
  readonly targets: Uint32Array;
  readonly positions: Uint32Array;
  readonly rowIds: Uint32Array;
  /** First row, rows, first row of the window, 0. */
  readonly tiles: readonly number[];
}

function rowsOf(windows: readonly TokenWindow[], variants: number): Rows {
  const each = windows.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const tokens = new Uint32Array(each * variants);
  const targets = new Uint32Array(each * variants).fill(NO_TARGET);
  const positions = new Uint32Array(each * variants);
  const rowIds = new Uint32Array(each);
  const tiles: number[] = [];
  let row = 0;
  for (let variant = 0; variant < variants; variant++)
    for (const window of windows) {
      const { length } = window.tokens;
      for (let i = 0; i < length; i++) {
        tokens[row + i] = window.tokens[i]!;
        positions[row + i] = i;
        if (variant === 0) rowIds[row + i] = window.firstRow + i;
        if (i + 1 < length) targets[row + i] = window.tokens[i + 1]!;
      }
      for (let i = 0; i < length; i += QUERIES)
        tiles.push(row + i, Math.min(QUERIES, length - i), row, 0);
      row += length;
    }
  return { tokens, targets, positions, rowIds, tiles };
}

/** @param rotary cosine and sine of each position and pair */
export function createChunk(
  gpu: GpuContext,
  { hidden_features, moe }: Workload,
  windows: readonly TokenWindow[],
  firstWindow: number,
  variants: number,
  tileRows: number,
  rotary: GPUBuffer,
): Chunk {
  const host = rowsOf(windows, variants);
  const each = host.rowIds.length;
  const rows = each * variants;
  const groups = variants * Math.max(1, moe.experts);
  const slots = rows * moe.active_experts;
  const words = (count: number): GPUBuffer => createBuffer(gpu, 4 * count);
  const plan = densePlan(
    gpu,
    host.rowIds,
    Array.from({ length: variants }, (_, v) => v),
    tileRows,
  );
  const routed: Routed = {
    plan: routedPlan(gpu, slots, groups, tileRows),
    ...{ groups, tileRows },
    ...{ chosen: words(slots), gateWeights: words(slots), places: words(slots) },
    ...{ counts: words(groups), cursors: words(groups) },
  };
  const own = {
    hidden: words(rows * hidden_features),
    tokens: upload(gpu, host.tokens),
    targets: upload(gpu, host.targets),
    positions: upload(gpu, host.positions),
  };
  const tiles = upload(gpu, Uint32Array.from(host.tiles));
  const { chosen, gateWeights, places, counts, cursors } = routed;
  const all = [
    plan.buffer,
    routed.plan.buffer,
    tiles,
    chosen,
    gateWeights,
    places,
    counts,
    cursors,
  ];
  return {
    ...{ firstWindow, windows, variants, each, rows, plan, routed, rotary, ...own },
    rowIds: host.rowIds,
    attention: { tiles, count: host.tiles.length / 4 },
    dispose: () => {
      for (const buffer of [...all, ...Object.values(own)]) buffer.destroy();
    },
  };
}

/** [positions][pairs of a head] cosine and sine. */
export function createRotary(gpu: GpuContext, workload: Workload, longest: number): GPUBuffer {
  const table = rotaryTable(workload.rope_theta, headAttention(workload).head_features, longest);
  const pairs = new Float32Array(2 * table.cos.length);
  for (const [i, cos] of table.cos.entries()) pairs.set([cos, table.sin[i]!], 2 * i);
  return upload(gpu, pairs);
}
