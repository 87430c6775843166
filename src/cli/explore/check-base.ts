/** What can be wrong with the values of a space, found before anything runs. */

import { missingAt } from "../../explore/pointer.ts";
import { type Base, changesOf, createResolver } from "../../explore/resolve.ts";
import type { Space } from "../../explore/space.ts";
import { schemaIssues } from "../../input/validate.ts";
import { fieldHint, show } from "../../input/wording.ts";
import { ArchSchema } from "../../model/arch.ts";
import { InputError, type Issue } from "../../model/issue.ts";
import type { Workload } from "../../model/workload.ts";
import { type PlacementRequest, readPlacement } from "../placements.ts";
import { settingsOf } from "./run-options.ts";

/** Values of a variable that are tried one by one; of more, the first and the last. */
const MOST_TRIED = 1000;

/**
 * Tries every value of every variable, the others at their first.
 *
 * @throws InputError with every pointer that leads nowhere, or else every value that cannot be
 */
export function checkBase(space: Space, base: Base, file: string): void {
  const nowhere = pointerIssues(space, base);
  if (nowhere.length > 0) throw new InputError(file, nowhere);
  const wrong = valueIssues(space, base);
  if (wrong.length > 0) throw new InputError(file, wrong);
}

function pointerIssues({ variables }: Space, base: Base): Issue[] {
  const roots = [base.arch, ...Object.values(base.archs)].map((arch) => ({ arch, run: base.run }));
  return variables.flatMap(({ name, pointers }, v) =>
    pointers.flatMap((pointer) => {
      if (pointer === "/arch" || pointer.startsWith("/placement")) return [];
      const missing = roots.map((root) => missingAt(root, pointer)).find((m) => m !== null);
      if (missing == null) return [];
      const { parent, token, known } = missing;
      const hint = fieldHint(token, known);
      return [
        {
          pointer: `/variables/${v}`,
          found: `${pointer} of ${name}: the base has no "${token}"${parent === "" ? "" : ` at ${parent}`}`,
          allowed: known.length === 0 ? "a field that the base has" : known.join(", "),
          ...(hint === undefined ? {} : { hint }),
        },
      ];
    }),
  );
}

function valueIssues(space: Space, base: Base): Issue[] {
  const resolve = createResolver(space, base);
  const first = space.variables.map(() => 0);
  return space.variables.flatMap(({ name, values, pointers }, v) =>
    tried(values.length).flatMap((level) => {
      const levels = first.with(v, level);
      const { arch, run } = resolve(levels);
      const found = pointers.some((p) => p.startsWith("/arch"))
        ? schemaIssues(ArchSchema, arch)
        : runIssues(run, pointers);
      const changed = changesOf(space.variables, levels).map(({ pointer }) => pointer);
      return found.slice(0, 1).map((issue) => ({
        ...issue,
        pointer: `/variables/${v}`,
        found: `${name} = ${show(values[level])}, which makes ${placeOf(issue, changed)} ${issue.found}`,
      }));
    }),
  );
}

/** Lists of 1 to 1000 are tried whole. */
const tried = (count: number): readonly number[] =>
  count <= MOST_TRIED ? Array.from({ length: count }, (_, i) => i) : [0, count - 1];

const placeOf = ({ pointer }: Issue, changed: readonly string[]): string =>
  changed.find((p) => p === `/arch${pointer}`) ?? `/arch${pointer}`;

function runIssues(run: Readonly<Record<string, unknown>>, pointers: readonly string[]): Issue[] {
  if (!pointers.some((p) => p.startsWith("/run"))) return [];
  try {
    settingsOf(run, "table");
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [...error.issues];
  }
}

/** Every placement that a point of the space may ask for, read once to see that it can be. */
export function placementRequests(
  space: Space,
  base: Base,
  workload: Workload,
): PlacementRequest[] {
  const resolve = createResolver(space, base);
  const own = space.variables.map(({ pointers }) =>
    pointers.some((p) => p.startsWith("/placement")),
  );
  let all: (readonly number[])[] = [space.variables.map(() => 0)];
  space.variables.forEach(({ values }, v) => {
    if (!own[v]) return;
    all = all.flatMap((levels) => values.map((_, level) => levels.with(v, level)));
  });
  const names = new Set(all.map((levels) => resolve(levels).placement));
  return [...names].map((name) => readPlacement(name, workload));
}
