/** `SPEC.json` -> what it is about. */
import { dirname, resolve } from "node:path";
import { parseTraining } from "../../input/parse-training.ts";
import type { AnalogTile } from "../../model/arch.ts";
import { InputError } from "../../model/issue.ts";
import type { Training } from "../../model/training.ts";
import { TRAINING_DEFAULTS } from "../../model/training-defaults.ts";
import { requireNumerics } from "../../numerics/tile.ts";
import { readArch, readJsonFile } from "../inputs.ts";
import { resolvePreset } from "../presets.ts";
import { openMoeSubject } from "./moe-subject.ts";
import { openNetworkSubject } from "./network-subject.ts";
import type { Subject } from "./subject.ts";

/**
 * @param name path of a training file, or the bare name of a shipped one
 * @param change what is to be different from the file
 */
export async function openSubject(
  name: string,
  change: (spec: Training) => Training = (spec) => spec,
): Promise<Subject> {
  const file = resolvePreset("spec", "training", name);
  const spec = change(parseTraining(readJsonFile(file), file));
  const tile = tileOf(spec, file);
  requireNumerics(tile);
  const { network } = spec;
  if (network.kind === "checkpoint") return openMoeSubject(spec, network, file, tile);
  return openNetworkSubject(spec, network, file, tile);
}

/** Kind of tile that a file names, with the arch that it names. */
function tileOf({ evaluation: { arch: name, tile } }: Training, file: string): AnalogTile {
  const beside = resolve(dirname(file), name);
  const arch = readArch(/[/\\]|\.json$/.test(name) ? beside : name);
  const found = tile === undefined ? arch.tiles[0] : arch.tiles.find((t) => t.name === tile);
  if (found !== undefined) return found;
  const names = arch.tiles.map((t) => t.name).join(", ");
  throw new InputError(file, [
    {
      pointer: tile === undefined ? "/evaluation/arch" : "/evaluation/tile",
      found: JSON.stringify(tile ?? name),
      allowed: tile === undefined ? "a chip with analog tiles" : `one of ${names}`,
    },
  ]);
}

/** How often and when a network is read, with the defaults. */
export const evaluationOf = ({ evaluation }: Training) => ({
  seeds: evaluation.seeds ?? TRAINING_DEFAULTS.seeds,
  ages_s: evaluation.ages_s ?? TRAINING_DEFAULTS.ages_s,
});
