/** The part of a report on a network that says how it came about. */
import { placementFileOf } from "../../input/placement-rules.ts";
import type { Arch } from "../../model/arch.ts";
import type { Network } from "../../model/network.ts";
import type { NetworkMatrix } from "../../model/network-matrices.ts";
import type { Placement } from "../../model/placement.ts";
import type { ReportFrame } from "../../report/build.ts";
import { sha256OfValue } from "../hash.ts";
import type { Settings } from "../settings.ts";
import { VERSION } from "../version.ts";

export function networkFrame(
  { cost, accuracy, command }: Settings,
  arch: Arch,
  network: Network,
  matrices: readonly NetworkMatrix[],
  placements: readonly Placement[],
): ReportFrame {
  const { batch, decode_tokens, overflow, level, seed, replica_tiles = 0 } = cost;
  const prefill_tokens = network.stream ? cost.prefill_tokens : 0;
  const input = <T extends { readonly name: string }>(value: T) => ({
    name: value.name,
    sha256: sha256OfValue(value),
    value,
  });
  return {
    schema: "report/1",
    version: VERSION,
    command,
    level,
    kernel: null,
    seed,
    seeds: accuracy.seeds,
    options: {
      batch,
      prefill_tokens,
      decode_tokens,
      routing: "none",
      overflow,
      ...(replica_tiles > 0 && { replica_tiles }),
      noise_scale: accuracy.noise_scale,
      age_s: accuracy.age_s,
      context_tokens: null,
      evaluated_tokens: null,
      unit: network.unit,
    },
    inputs: {
      arch: input(arch),
      workload: input(network),
      placements: placements.map((each) => input(placementFileOf(each, matrices))),
      checkpoint: null,
      text: null,
      calibration: null,
    },
    paired: [],
    notes: [
      ...copiesNotes(matrices, replica_tiles),
      runNote(network, batch, prefill_tokens, decode_tokens),
      "accuracy was not evaluated: docs/hwa-study.md has that of trained networks",
    ],
  };
}

function copiesNotes(matrices: readonly NetworkMatrix[], replica_tiles: number): string[] {
  const copies = matrices.filter(({ copy }) => copy > 0).length;
  if (copies === 0) return [];
  const budget = replica_tiles === 0 ? "" : `, on the crossbars of at most ${replica_tiles} tiles`;
  return [
    `${copies} copies of analog weights beside the first ones${budget}; positions take turns`,
  ];
}

function runNote(
  { unit, stream }: Network,
  batch: number,
  prefill_tokens: number,
  decode_tokens: number,
): string {
  const times = decode_tokens === 1 ? "once" : `${decode_tokens} times`;
  const token = `a token of this report is one ${unit}`;
  if (!stream)
    return `${token}: ${batch} at once, ${times}, a batch after the one before; there is no prompt, so prefill fields are null`;
  return `${token}: ${batch} sequence${batch === 1 ? "" : "s"} of ${prefill_tokens} ${unit}s to begin with and ${decode_tokens} more, one after the other`;
}
