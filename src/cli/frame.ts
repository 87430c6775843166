/** The part of a report that says how it came about. */
import { basename } from "node:path";
import { placementFileOf } from "../input/placement-rules.ts";
import { weightMatrices } from "../model/matrix.ts";
import type { PairedDifference } from "../model/report.ts";
import type { CostOptions } from "../model/run.ts";
import type { ReportFrame } from "../report/build.ts";
import { sha256OfFiles, sha256OfValue } from "./hash.ts";
import { weightFiles } from "./inputs.ts";
import type { Comparison } from "./prepare.ts";
import { VERSION } from "./version.ts";

export function reportFrame(
  comparison: Comparison,
  paired: PairedDifference[],
  withCost: boolean,
): ReportFrame {
  const { settings, session, arch, workload } = comparison;
  const { batch, prefill_tokens, decode_tokens, overflow, level, seed } = settings.cost;
  const { noise_scale, age_s, context_tokens, seeds } = settings.accuracy;
  const tokens = session?.text.windows.reduce((sum, w) => sum + w.tokens.length, 0) ?? null;
  return {
    schema: "report/1",
    version: VERSION,
    command: settings.command,
    level,
    kernel: session?.inUse().kernel ?? null,
    seed,
    seeds,
    options: {
      batch,
      prefill_tokens,
      decode_tokens,
      routing: settings.routingName,
      overflow,
      ...arrangementOptions(settings.cost),
      noise_scale,
      age_s,
      context_tokens: session === null ? null : context_tokens,
      evaluated_tokens: tokens,
    },
    inputs: {
      arch: { name: arch.name, sha256: sha256OfValue(arch), value: arch },
      workload: { name: workload.name, sha256: sha256OfValue(workload), value: workload },
      placements: placementInputs(comparison),
      checkpoint: checkpointInput(comparison),
      text: session === null ? null : textInput(session.text),
      calibration: session === null ? null : textInput(session.calibration),
    },
    paired,
    notes: [...(withCost ? [runNote(comparison)] : []), ...notes(comparison, paired)],
  };
}

/** Only what differs from the default, so that reports without it stay as they were. */
function arrangementOptions({ assignment, replica_tiles, capacity_factor }: CostOptions) {
  return {
    ...(assignment !== undefined && assignment !== "in-order" && { assignment }),
    ...(replica_tiles !== undefined && replica_tiles > 0 && { replica_tiles }),
    ...(capacity_factor !== undefined && { capacity_factor }),
  };
}

const textInput = ({ name, sha256 }: { name: string; sha256: string }) => ({ name, sha256 });

function placementInputs({ placements, workload }: Comparison) {
  const matrices = weightMatrices(workload);
  return placements.map((placement) => {
    const value = placementFileOf(placement, matrices);
    return { name: placement.name, sha256: sha256OfValue(value), value };
  });
}

/** Only what accuracy was measured on is read whole, and so only that is hashed. */
function checkpointInput({ folder, session }: Comparison) {
  return folder === null || session === null
    ? null
    : { name: basename(folder), sha256: sha256OfFiles(weightFiles(folder)) };
}

/** What was timed. */
function runNote({ settings }: Comparison): string {
  const { batch, prefill_tokens, decode_tokens } = settings.cost;
  return `${batch} sequence${batch === 1 ? "" : "s"} of ${prefill_tokens} prompt and ${decode_tokens} generated tokens, experts chosen ${settings.routingName}`;
}

function notes(
  { session, source, folder, workload, settings }: Comparison,
  paired: readonly PairedDifference[],
): string[] {
  if (session === null) {
    const why =
      folder === null
        ? "no weights were given"
        : `no forward pass for the family ${workload.family}`;
    return [`accuracy was not evaluated: ${why}`];
  }
  if (source === "none") return ["accuracy was not evaluated: --accuracy none"];
  const { seeds, noise_scale, age_s } = settings.accuracy;
  const { kernel, fallbackReason } = session.inUse();
  const age = age_s === 0 ? "right after programming" : `${age_s} s after programming`;
  const undecided = paired.filter(({ significant, p_value }) => !significant && p_value !== null);
  return [
    `${session.text.name}: ${source === "predicted" ? "predicted" : seedNote(seeds)}; ${age}, noise scale ${noise_scale}, engine ${kernel}`,
    ...(fallbackReason === null ? [] : [fallbackReason]),
    ...undecided.map(
      ({ placement, versus, p_value, seeds_needed }) =>
        `${placement} and ${versus} do not differ significantly in loss (p = ${p_value!.toFixed(2)})${seeds_needed ? `; about ${seeds_needed} seeds would tell` : ""}`,
    ),
  ];
}

const seedNote = (seeds: number): string =>
  seeds === 1 ? "one noise seed" : `± is the standard error over ${seeds} noise seeds`;
