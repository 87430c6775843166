import type { TokenGroup } from "../lowering/context.ts";
import { digitalPart } from "../lowering/cores.ts";
import { decodeSteps, prefillGroup } from "../lowering/groups.ts";
import { createNetworkLowering } from "../lowering/network/lower-network.ts";
import { networkShortage } from "../lowering/network/room.ts";
import { mapPlacement } from "../mapping/map.ts";
import type { Arch } from "../model/arch.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { flitRouters } from "../model/interconnect.ts";
import type { Network } from "../model/network.ts";
import { networkMatrices } from "../model/network-matrices.ts";
import type { Placement } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import { analogBusyShare } from "./components.ts";
import {
  chipUse,
  infeasible,
  type Phases,
  phaseFields,
  placementFields,
  unlessDeadlocked,
} from "./cost.ts";
import { disconnection } from "./disconnected.ts";
import { assembleMachine, type Machine, type Watch } from "./machine.ts";
import { programmingNotes } from "./notes.ts";
import { runPhase } from "./phase.ts";

/**
 * Time, energy and area of one placement of a network that is no decoder with experts: the same
 * mapping, prices, schedule and account.
 *
 * A token of the result is an example: `batch` of them go through at once, `decode_tokens` times.
 * Only a stream has a prompt; elsewhere `prefill` is null whatever the options say.
 *
 * @param watch is shown every schedule at level `simulate`
 */
export function evaluateNetworkCost(
  arch: Arch,
  network: Network,
  placement: Placement,
  options: CostOptions,
  watch: Watch | null = null,
): CostEvaluation {
  const matrices = networkMatrices(network);
  const originals = matrices.filter(({ copy }) => copy === 0);
  const fail = (reason: string): CostEvaluation => infeasible(arch, originals, placement, reason);
  const mapped = mapPlacement(arch, matrices, placement, options.overflow);
  if (!mapped.feasible) return fail(mapped.reason);
  const digital = digitalPart(arch);
  if ("missing" in digital) return fail(`the chip lacks ${digital.missing}`);
  const { mapping } = mapped;
  const cut = disconnection(arch, mapping);
  if (cut !== null) return fail(cut);
  const positions = options.batch * (network.stream ? Math.max(1, options.prefill_tokens) : 1);
  const short = networkShortage(arch, network, matrices, placement, digital, positions);
  if (short !== null)
    return fail(
      `no room for ${short.what}: needs ${short.needed_B} B, there are ${short.available_B} B`,
    );
  const kvMemory = digital.activationMemory;
  const machine = assembleMachine(
    { arch, matrices, mapping, kvMemory, layers: network.layers.length, watch },
    options,
    (routes) =>
      createNetworkLowering({
        arch,
        network,
        matrices,
        placement,
        mapping,
        digital,
        kvMemory,
        routes,
      }),
  );
  const phases = unlessDeadlocked(machine, () => runPhases(machine, network, options));
  if (typeof phases === "string") return fail(phases);
  return {
    ...placementFields(arch, originals, placement, mapping),
    feasible: true,
    infeasible_reason: null,
    analog_busy_frac: analogBusyShare(
      machine.lowering.resources,
      phases.flatMap((phase) => phase ?? []),
    ),
    ...phaseFields(arch, machine, phases),
    ...(options.detail === true && {
      use: { ...chipUse(arch, machine, mapping, phases), digital_frac: [] },
    }),
    notes: [
      ...mapped.notes,
      ...networkNotes(arch, network, options),
      ...programmingNotes(arch, mapping, machine.lowering),
    ],
  };
}

function runPhases(
  machine: Machine,
  { stream }: Network,
  { batch, prefill_tokens, decode_tokens }: CostOptions,
): Phases {
  const run = (phase: "prefill" | "decode", groups: Iterable<TokenGroup>) =>
    runPhase(machine, phase, groups);
  const prompt = stream ? prefill_tokens : 0;
  return [
    prompt === 0 ? null : run("prefill", [prefillGroup(batch, prompt)]),
    decode_tokens === 0 ? null : run("decode", decodeSteps(batch, prompt, decode_tokens)),
  ];
}

function networkNotes(
  { interconnect }: Arch,
  { unit, stream }: Network,
  { level }: CostOptions,
): string[] {
  return [
    `a token of this row is one ${unit}`,
    ...(stream
      ? []
      : [`prefill fields are null: an ${unit} has no prompt`.replace(/an (?=[^aeio])/, "a ")]),
    "biases are left out of time and energy",
    ...(flitRouters(interconnect) !== null && level === "simulate"
      ? ["the network is simulated flit by flit; waits are not explained"]
      : []),
    ...(level !== "simulate" ? [`level ${level}: latencies are lower bounds`] : []),
  ];
}
