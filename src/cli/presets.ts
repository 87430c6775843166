import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../input/wording.ts";
import { InputError } from "../model/issue.ts";
import { isFolder } from "./files.ts";
import { packagePath } from "./package-path.ts";

export type PresetFolder = "arch" | "workloads" | "training";

/** Names of the shipped presets of a folder, sorted. */
export function presetNames(folder: PresetFolder): readonly string[] {
  const names = readdirSync(packagePath(folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return [entry.name];
    return entry.name.endsWith(".json") ? [entry.name.slice(0, -".json".length)] : [];
  });
  return [...new Set(names)].sort();
}

const looksLikePath = (name: string): boolean => /[/\\]|\.json$/.test(name) || existsSync(name);

/**
 * A path as it is, or the bare name of a preset: its folder (a checkpoint) if there is one, else
 * its JSON file.
 */
export function resolvePreset(option: string, folder: PresetFolder, name: string): string {
  if (looksLikePath(name)) return name;
  const inPackage = packagePath(folder, name);
  if (isFolder(inPackage)) return inPackage;
  if (existsSync(`${inPackage}.json`)) return `${inPackage}.json`;
  const known = presetNames(folder);
  const near = nearest(name, known);
  throw new InputError(option, [
    {
      pointer: "",
      found: JSON.stringify(name),
      allowed: `a path, or one of ${known.join(", ")}`,
      ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    },
  ]);
}

/** A checkpoint folder: a path, or the bare name of a shipped one. */
export function resolveCheckpoint(name: string): string {
  if (isFolder(name)) return name;
  const shipped = packagePath("workloads", name);
  if (!/[/\\]/.test(name) && isFolder(shipped)) return shipped;
  const folders = presetNames("workloads").filter((n) => isFolder(packagePath("workloads", n)));
  throw new InputError("--checkpoint", [
    {
      pointer: "",
      found: existsSync(name)
        ? `${JSON.stringify(name)}, which is no folder`
        : JSON.stringify(name),
      allowed: `a folder with config.json and *.safetensors, or one of ${folders.join(", ")}`,
    },
  ]);
}

export const configOf = (folder: string): string => join(folder, "config.json");
