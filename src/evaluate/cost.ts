import { chipArea_mm2, chipComponents, occupiedArea_mm2 } from "../cost/area.ts";
import type { TokenGroup } from "../lowering/context.ts";
import { digitalPart } from "../lowering/cores.ts";
import { decodeSteps, prefillGroup } from "../lowering/groups.ts";
import { findRoom } from "../lowering/room.ts";
import { type Fits, mapPlacement } from "../mapping/map.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { crossbarUse } from "../mapping/use.ts";
import type { Arch } from "../model/arch.ts";
import type { ChipUse, CostEvaluation, CostExplanation } from "../model/evaluation.ts";
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { Deadlock } from "../timing/deadlock.ts";
import { arrange } from "./arrange.ts";
import { analogBusyShare, componentRows } from "./components.ts";
import { disconnection } from "./disconnected.ts";
import { digitalByExpert } from "./expert-load.ts";
import { floorplanOf } from "./floorplan.ts";
import { layerRows } from "./layer-energy.ts";
import { createMachine, type Machine, type Watch } from "./machine.ts";
import { capacityNotes, programmingNotes, runNotes } from "./notes.ts";
import { type PhaseResult, runPhase } from "./phase.ts";
import { digitalShares } from "./shares.ts";
import { tableFloors_ps } from "./table-floor.ts";

/**
 * Time, energy and area of one placement.
 *
 * Maps the placement, lowers the prompt once and each decode step, prices every distinct op,
 * schedules (or bounds, or sums up, by level) and accounts for the energy. What cannot run is a
 * result with a reason.
 *
 * @param watch is shown every schedule at level `simulate`
 * @throws InputError for a routing trace of another model
 */
export function evaluateCost(
  arch: Arch,
  workload: Workload,
  placement: Placement,
  options: CostOptions,
  watch: Watch | null = null,
): CostEvaluation {
  const matrices = weightMatrices(workload);
  const fitting = mapPlacement(arch, matrices, placement, options.overflow);
  if (!fitting.feasible) return infeasible(arch, matrices, placement, fitting.reason);
  const mapped = arrange(arch, workload, matrices, fitting, options);
  const digital = digitalPart(arch);
  if ("missing" in digital)
    return infeasible(arch, matrices, placement, `the chip lacks ${digital.missing}`, mapped);
  const cut = disconnection(arch, mapped.mapping);
  if (cut !== null) return infeasible(arch, matrices, placement, cut, mapped);
  const room = findRoom(arch, workload, matrices, mapped.placement, digital, options);
  if (!room.hasRoom)
    return infeasible(
      arch,
      matrices,
      mapped.placement,
      `no room for ${room.what}: needs ${room.needed_B} B, there are ${room.available_B} B`,
      mapped,
    );
  const machine = createMachine(
    arch,
    workload,
    matrices,
    mapped,
    digital,
    room.kvMemory,
    options,
    watch,
  );
  const floor_ps =
    options.level === "table" ? tableFloors_ps(arch, workload, mapped, options) : () => 0;
  const phases = unlessDeadlocked(machine, () => runPhases(machine, options, floor_ps));
  if (typeof phases === "string") return infeasible(arch, matrices, placement, phases, mapped);
  return {
    ...placementFields(arch, matrices, mapped.placement, mapped.mapping),
    feasible: true,
    infeasible_reason: null,
    analog_busy_frac: analogBusyShare(
      machine.lowering.resources,
      phases.flatMap((phase) => phase ?? []),
    ),
    ...phaseFields(arch, machine, phases),
    ...(options.capacity_factor !== undefined && {
      dropped_assignments_frac: droppedShare(machine.lowering.assignments),
    }),
    ...(options.detail === true && {
      use: {
        ...chipUse(arch, machine, mapped.mapping, phases),
        digital_frac: digitalByExpert(workload, matrices, mapped.placement),
      },
    }),
    notes: [
      ...mapped.notes,
      ...runNotes(arch, workload, digital, room.kvMemory, options),
      ...capacityNotes(options, machine.lowering),
      ...programmingNotes(arch, mapped.mapping, machine.lowering),
    ],
  };
}

const droppedShare = ({ assigned, dropped }: { assigned: number; dropped: number }): number =>
  assigned === 0 ? 0 : dropped / assigned;

/** @returns why nothing can go on, if so */
export function unlessDeadlocked<T>({ lowering }: Machine, work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Deadlock)) throw error;
    const names = error.resources.map((r) => lowering.nameOf(r));
    return `deadlock: full output buffers wait for one another: ${[...names, names[0]].join(" -> ")}`;
  }
}

export type Phases = readonly [prefill: PhaseResult | null, decode: PhaseResult | null];

function runPhases(
  machine: Machine,
  { batch, prefill_tokens, decode_tokens }: CostOptions,
  floor_ps: (phase: "prefill" | "decode") => number,
): Phases {
  const run = (phase: "prefill" | "decode", groups: Iterable<TokenGroup>): PhaseResult =>
    runPhase(machine, phase, groups, floor_ps(phase));
  return [
    prefill_tokens === 0 ? null : run("prefill", [prefillGroup(batch, prefill_tokens)]),
    decode_tokens === 0 ? null : run("decode", decodeSteps(batch, prefill_tokens, decode_tokens)),
  ];
}

export function phaseFields(arch: Arch, machine: Machine, [prefill, decode]: Phases) {
  const phases = [prefill, decode].filter((phase) => phase !== null);
  const components = chipComponents(arch);
  return {
    prefill: prefill?.cost ?? null,
    decode: decode?.cost ?? null,
    breakdown: phases.flatMap(({ rows }) => rows),
    components: componentRows(arch, components, machine.lowering.resources, phases),
    ...(machine.explain && machine.level === "simulate"
      ? { explanation: joined(phases.map(({ explanation }) => explanation)) }
      : {}),
  };
}

/** Where things sit, and what they did there. */
export function chipUse(
  arch: Arch,
  machine: Machine,
  mapping: Mapping,
  [prefill, decode]: Phases,
): Omit<ChipUse, "digital_frac"> {
  const phases = [prefill, decode].filter((phase) => phase !== null);
  const named = [
    ...(prefill === null ? [] : [{ phase: "prefill" as const, use: prefill.use }]),
    ...(decode === null ? [] : [{ phase: "decode" as const, use: decode.use }]),
  ];
  return {
    floorplan: floorplanOf(arch, machine.matrices, mapping, machine, phases),
    layers: layerRows(named),
  };
}

const joined = (parts: readonly CostExplanation[]): CostExplanation => ({
  waiting: parts.flatMap(({ waiting }) => waiting),
  critical: parts.flatMap(({ critical }) => critical),
});

/** What depends on arch, placement and mapping only. */
export function placementFields(
  arch: Arch,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  mapping: Mapping | null,
) {
  const shares = digitalShares(matrices, placement);
  const use = mapping === null ? null : crossbarUse(mapping, arch.tiles);
  const tilesByKind = use?.tilesByKind ?? arch.tiles.map(() => 0);
  return {
    digital_parameters_frac: shares.parameters_frac,
    digital_experts_frac: shares.experts_frac,
    tiles_used: tilesByKind.reduce((sum, n) => sum + n, 0),
    tiles_available: arch.tiles.reduce((sum, { count }) => sum + count, 0),
    crossbars_used: use?.crossbars ?? 0,
    crossbars_available: arch.tiles.reduce((n, t) => n + t.count * t.crossbar.tiers, 0),
    cell_utilisation_frac: use?.cell_frac ?? 0,
    area_mm2: chipArea_mm2(arch),
    area_occupied_mm2: occupiedArea_mm2(arch, tilesByKind),
  };
}

export function infeasible(
  arch: Arch,
  matrices: readonly WeightMatrix[],
  placement: Placement,
  reason: string,
  mapped: Fits | null = null,
): CostEvaluation {
  return {
    ...placementFields(arch, matrices, mapped?.placement ?? placement, mapped?.mapping ?? null),
    feasible: false,
    infeasible_reason: reason,
    analog_busy_frac: null,
    prefill: null,
    decode: null,
    breakdown: [],
    components: [],
    notes: mapped?.notes ?? [],
  };
}
