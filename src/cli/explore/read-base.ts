/** The base of a space: files and options that points start from. */
import { dirname, isAbsolute, resolve } from "node:path";
import type { Base } from "../../explore/resolve.ts";
import { resolveExtends } from "../../input/extend.ts";
import { parseArch } from "../../input/parse-arch.ts";
import { parseSweep } from "../../input/parse-sweep.ts";
import type { Sweep } from "../../model/sweep.ts";
import { isBudgeted } from "../budgets.ts";
import { readJsonFile } from "../inputs.ts";
import { resolvePreset } from "../presets.ts";
import { completeRun } from "./run-options.ts";

const looksLikePath = (name: string): boolean => /[/\\]|\.jsonl?$/.test(name);

/** Paths in a space file are relative to it, names of presets are not. */
const beside = (file: string, name: string): string =>
  looksLikePath(name) && !isAbsolute(name) ? resolve(dirname(file), name) : name;

const isPlacementFile = (name: unknown): name is string =>
  typeof name === "string" && !isBudgeted(name) && /\.json$|[/\\]/.test(name);

/** Reads a space file; what it names is relative to the working directory afterwards. */
export function readSweep(file: string): Sweep {
  const sweep = parseSweep(readJsonFile(file), file);
  const placement = (name: unknown): unknown => (isPlacementFile(name) ? beside(file, name) : name);
  return {
    ...sweep,
    base: {
      ...sweep.base,
      arch: beside(file, sweep.base.arch),
      ...(sweep.base.workload !== undefined && { workload: beside(file, sweep.base.workload) }),
      ...(sweep.base.checkpoint !== undefined && {
        checkpoint: beside(file, sweep.base.checkpoint),
      }),
      placements: sweep.base.placements.map((name) => placement(name) as string),
    },
    variables: sweep.variables.map((variable) => withPaths(variable, placement, file)),
  };
}

function withPaths(
  variable: Sweep["variables"][number],
  placement: (name: unknown) => unknown,
  file: string,
): Sweep["variables"][number] {
  const fix = (pointer: string, value: unknown): unknown => {
    if (pointer === "/placement") return placement(value);
    return pointer === "/arch" && typeof value === "string" ? beside(file, value) : value;
  };
  if (variable.kind === "list")
    return { ...variable, values: variable.values.map((v) => fix(variable.pointer, v)) };
  if (variable.kind !== "linked") return variable;
  const { pointers, values } = variable;
  return {
    ...variable,
    values: values.map((tuple) => tuple.map((v, p) => fix(pointers[p] ?? "", v))),
  };
}

/** An arch file with `extends` resolved, checked but not typed: points change it by pointer. */
function readArchValue(place: string, name: string): unknown {
  const file = resolvePreset(place, "arch", name);
  const load = (path: string, from: string) => {
    const base = resolve(dirname(from), path);
    return { file: base, value: readJsonFile(base) };
  };
  const { value } = resolveExtends({ file, value: readJsonFile(file) }, load);
  parseArch(value, file);
  return value;
}

/** @throws InputError if a file is not there or not valid, or an option is none */
export function readBase(sweep: Sweep, file: string): Base {
  const { arch, placements, run } = sweep.base;
  const names = sweep.variables.flatMap((variable, i) => archNames(variable, i));
  return {
    arch: readArchValue(`${file}#/base/arch`, arch),
    archs: Object.fromEntries(
      names.map(({ place, name }) => [name, readArchValue(`${file}#${place}`, name)]),
    ),
    run: completeRun(run, file),
    placement: placements[0]!,
  };
}

function archNames(variable: Sweep["variables"][number], i: number) {
  if (variable.kind === "list" && variable.pointer === "/arch")
    return variable.values.map((name, j) => ({
      place: `/variables/${i}/values/${j}`,
      name: String(name),
    }));
  if (variable.kind !== "linked") return [];
  const at = variable.pointers.indexOf("/arch");
  if (at < 0) return [];
  return variable.values.map((tuple, j) => ({
    place: `/variables/${i}/values/${j}/${at}`,
    name: String(tuple[at]),
  }));
}
