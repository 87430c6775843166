/** What every matrix costs when it is analog: for strategies that choose by it, and for reports. */
import {
  type AccuracySensitivities,
  createMatrixRises,
  type MatrixRises,
} from "../accuracy/surrogate.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Arch } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import type { Workload } from "../model/workload.ts";
import type { AccuracySettings } from "./accuracy-settings.ts";
import { modelSensitivities } from "./sensitivities.ts";

/**
 * The sensitivities of the model on the tiles of the chip.
 *
 * @throws InputError where there is nothing to run
 */
export async function requireSensitivities(
  folder: string | null,
  checkpoint: Checkpoint | null,
  workload: Workload,
  arch: Arch,
  { kernel, seed, context_tokens, jobs, quiet }: AccuracySettings,
): Promise<AccuracySensitivities> {
  if (folder === null || checkpoint === null) throw nothing("no weights", "--checkpoint DIR");
  if (arch.tiles.length === 0) throw withoutTiles(arch);
  const source = { folder, checkpoint, workload, kernel, seed, context_tokens, jobs, quiet };
  return modelSensitivities(source, arch.tiles);
}

/**
 * Predicted rise of the mean NLL of each matrix alone, in nats, on the first kind of tile; 0 for
 * matrices that are digital in every placement.
 *
 * Without the slopes of weights and sums: of a single matrix they are mostly sampling noise of the calibration
 * text, and a choice would pick the matrices where that noise is lowest.
 *
 * @param risesOf of the sensitivities; remembers kinds of tiles
 * @throws InputError for a chip without analog tiles
 */
export function predictedRises(
  sensitivities: AccuracySensitivities,
  arch: Arch,
  { noise_scale, age_s }: Pick<AccuracySettings, "noise_scale" | "age_s">,
  risesOf: MatrixRises = createMatrixRises(sensitivities),
): readonly number[] {
  const [tile] = arch.tiles;
  if (tile === undefined) throw withoutTiles(arch);
  const rises = risesOf(tile, age_s, noise_scale);
  return rises.map((rise) =>
    rise === null ? 0 : rise.total_nats - rise.weightSlope_nats - rise.outputSlope_nats,
  );
}

const withoutTiles = ({ name }: Arch): InputError =>
  nothing(`${name}, which has no analog tiles`, "analog tiles");

const nothing = (found: string, allowed: string): InputError =>
  new InputError("--placement", [
    { pointer: "", found: `a strategy that predicts the loss, and ${found}`, allowed },
  ]);
