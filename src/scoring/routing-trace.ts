import type { Workload } from "../model/workload.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import type { Decoder } from "../transformer/decoder.ts";
import { runWindows } from "../transformer/run-windows.ts";

/** Experts of one token in one layer, best first; a line of a routing trace. */
export interface RoutingEntry {
  readonly layer: number;
  /** Number of the token in the text. */
  readonly token: number;
  readonly experts: readonly number[];
}

/** Lists choices as whoever runs the text reports them. */
export function createRoutingRecord({ moe: { active_experts: k } }: Pick<Workload, "moe">): {
  readonly onRouting: (
    layer: number,
    rowIds: Uint32Array,
    experts: Int32Array | Uint32Array,
  ) => void;
  /** In the order of the text, layer by layer. */
  readonly entries: () => readonly RoutingEntry[];
} {
  const entries: RoutingEntry[] = [];
  return {
    onRouting: (layer, rowIds, experts) => {
      rowIds.forEach((token, row) => {
        entries.push({ layer, token, experts: [...experts.subarray(row * k, (row + 1) * k)] });
      });
    },
    entries: () => entries.toSorted((a, b) => a.token - b.token || a.layer - b.layer),
  };
}

/** Runs a text through the all-digital model and lists which experts its tokens choose. */
export function routingTrace(
  decoder: Decoder,
  windows: readonly TokenWindow[],
): readonly RoutingEntry[] {
  const record = createRoutingRecord(decoder.workload);
  runWindows(decoder, windows, { onRouting: record.onRouting });
  return record.entries();
}
