/** From what the user typed to validated values. */
import { basename, dirname, join, resolve } from "node:path";
import { hasWeights } from "../checkpoint/sharded.ts";
import { importWorkload } from "../input/importers/index.ts";
import { parseArch } from "../input/parse-arch.ts";
import { parseWorkload } from "../input/parse-workload.ts";
import { readJson, readJsonLines } from "../input/read-json.ts";
import type { Arch } from "../model/arch.ts";
import { InputError } from "../model/issue.ts";
import type { Workload } from "../model/workload.ts";
import { checkpointFiles, isFolder, readBytes } from "./files.ts";
import { configOf, resolveCheckpoint, resolvePreset } from "./presets.ts";

export const readJsonFile = (file: string): unknown => readJson(readBytes(file), file);

export const readJsonLinesFile = (file: string): unknown[] => readJsonLines(readBytes(file), file);

/** `--arch`: a path, or the name of a preset. */
export function readArch(name: string): Arch {
  const file = resolvePreset("--arch", "arch", name);
  return parseArch(readJsonFile(file), file, (path, from) => {
    const base = resolve(dirname(from), path);
    return { file: base, value: readJsonFile(base) };
  });
}

/** A model, and the folder of its weights if there are any. */
export interface ModelInput {
  readonly workload: Workload;
  readonly checkpoint: string | null;
}

/**
 * `--workload` and `--checkpoint`: one of them is enough when it is a Hugging Face folder.
 *
 * A workload folder with weights serves as the checkpoint, unless another one is named.
 */
export function readModel(
  workload: string | undefined,
  checkpoint: string | undefined,
): ModelInput {
  const folder = checkpoint === undefined ? null : resolveCheckpoint(checkpoint);
  if (workload === undefined) {
    if (folder === null)
      throw new InputError("command line", [
        { pointer: "", found: "no model", allowed: "--workload, --checkpoint, or both" },
      ]);
    return { workload: importFolder(folder), checkpoint: folder };
  }
  const path = resolvePreset("--workload", "workloads", workload);
  if (!isFolder(path))
    return { workload: parseWorkload(readJsonFile(path), path), checkpoint: folder };
  return {
    workload: importFolder(path),
    checkpoint: folder ?? (hasWeights(checkpointFiles(path).names) ? path : null),
  };
}

function importFolder(folder: string): Workload {
  const config = configOf(folder);
  return importWorkload(readJsonFile(config), config, basename(resolve(folder)));
}

/** Files with the weights of a checkpoint folder, sorted. */
export const weightFiles = (folder: string): readonly string[] =>
  checkpointFiles(folder)
    .names.filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(folder, name));
