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

/** Runs a text through the all-digital model and lists which experts its tokens choose. */
export function routingTrace(decoder: Decoder, windows: readonly TokenWindow[]): RoutingEntry[] {
  const k = decoder.workload.moe.active_experts;
  const entries: RoutingEntry[] = [];
  runWindows(decoder, windows, {
    onRouting: (layer, rowIds, experts) => {
      rowIds.forEach((token, row) => {
        entries.push({ layer, token, experts: [...experts.subarray(row * k, (row + 1) * k)] });
      });
    },
  });
  return entries;
}
