import type { ChipComponent } from "../cost/area.ts";
import type { Resource } from "../lowering/resources.ts";
import type { Arch } from "../model/arch.ts";
import type { ComponentRow } from "../model/evaluation.ts";
import { nsFromPs } from "../units/convert.ts";
import { componentOf } from "./component-of.ts";
import type { PhaseResult } from "./phase.ts";

/**
 * Area, static power and busy time of every component.
 *
 * The time of a tile is its crossbar's: the parts around it work in step with it and are not
 * modelled apart.
 */
export function componentRows(
  arch: Arch,
  components: readonly ChipComponent[],
  resources: readonly Resource[],
  phases: readonly PhaseResult[],
): readonly ComponentRow[] {
  const busy_ps = new Map<string, number>();
  const add = (component: string, time_ps: number): void => {
    busy_ps.set(component, (busy_ps.get(component) ?? 0) + time_ps);
  };
  arch.tiles.forEach((_, kind) => {
    add(componentOf(arch, { group: "tile", kind: kind }), 0);
    add(componentOf(arch, { group: "local-unit", kind: kind }), 0);
  });
  for (const phase of phases)
    resources.forEach(({ group, kind }, r) => {
      add(componentOf(arch, { group: group, kind: kind }), phase.busy_ps[r]!);
    });
  const links = phases.map((phase) => phase.linkBusy_ps);
  if (links.every((time_ps) => time_ps !== null))
    for (const time_ps of links) add("interconnect", time_ps ?? 0);
  return components.map((component) => {
    const time_ps = busy_ps.get(component.component);
    return { ...component, busy_ns: time_ps === undefined ? null : nsFromPs(time_ps) };
  });
}

/** Busy time of the tiles in use over the time of all phases; null if there is neither. */
export function analogBusyShare(
  resources: readonly Resource[],
  phases: readonly PhaseResult[],
): number | null {
  const tiles = resources.flatMap(({ group }, r) => (group === "tile" ? [r] : []));
  const duration_ns = phases.reduce((sum, { cost }) => sum + cost.duration_ns, 0);
  if (tiles.length === 0 || duration_ns === 0) return null;
  const busy_ps = phases.reduce(
    (sum, phase) => sum + tiles.reduce((own, r) => own + phase.busy_ps[r]!, 0),
    0,
  );
  return nsFromPs(busy_ps) / (duration_ns * tiles.length);
}
