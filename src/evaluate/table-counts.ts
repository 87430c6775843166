/** Filling the rows of a table: each use of a matrix is lowered by itself, once per shape. */
import type { TokenGroup } from "../lowering/context.ts";
import type { DigitalPart } from "../lowering/cores.ts";
import { decodeGroup, decodeSteps, prefillGroup } from "../lowering/groups.ts";
import { lowerBase, lowerBaseGraph, lowerUse } from "../lowering/parts.ts";
import { storedWeights_B } from "../lowering/room.ts";
import { mapPlacement } from "../mapping/map.ts";
import { hubNode } from "../mapping/position.ts";
import { blockCount, weightsPerCrossbar } from "../mapping/split.ts";
import type { Arch } from "../model/arch.ts";
import { withMoreNodes } from "../model/interconnect.ts";
import { ALWAYS_DIGITAL, type WeightMatrix } from "../model/matrix.ts";
import type { Placement, Target } from "../model/placement.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { createMachine, type DecoderMachine } from "./machine.ts";
import { createRowSet, type RowSet } from "./table-rows.ts";
import { collectUses, type PhaseUses, type Profile } from "./table-uses.ts";

/** What tables are asked for. */
export interface TableProblem {
  readonly workload: Workload;
  readonly matrices: readonly WeightMatrix[];
  readonly options: CostOptions;
}

/** A row, and how often it counts: its work, and its chain. */
export interface Share {
  readonly row: number;
  readonly work: number;
  readonly chains: number;
}

export interface DigitalCounts {
  readonly set: RowSet;
  readonly phases: readonly DigitalPhase[];
  /** Units that a matrix is part of, by phase; -1: none. [matrices][phases] */
  readonly unitsOf: readonly (readonly number[])[];
  /** What a digital matrix takes of the weight memory. [matrices] */
  readonly weights_B: Float64Array;
}

interface DigitalPhase extends PhaseUses {
  readonly phase: "prefill" | "decode";
  readonly tokens: number;
  /** Row of the work that no placement changes. */
  readonly base: number;
  /** Of each profile. */
  readonly shares: readonly (readonly Share[])[];
}

export interface AnalogCounts {
  readonly set: RowSet;
  /** Of each profile of each phase. */
  readonly shares: readonly (readonly (readonly Share[])[])[];
  /** Of the first kind of tile. [matrices] */
  readonly crossbars: Int32Array;
}

/** Counts all that is digital: the fixed work of every step, and every use of every matrix. */
export function countDigital(
  problem: TableProblem,
  arch: Arch,
  digital: DigitalPart,
  kvMemory: number,
): DigitalCounts {
  const { matrices, workload } = problem;
  const { batch, prefill_tokens, decode_tokens } = problem.options;
  const machine = machineOf(problem, arch, "digital", digital, kvMemory);
  const set = createRowSet();
  const rowOf = createUseRows(problem, machine, set);
  const longestToken = ({ length }: TokenGroup) => {
    const longest = length.reduce((a, b) => Math.max(a, b), 1);
    return lowerBaseGraph(machine.lowering, decodeGroup(1, longest - 1, 0));
  };
  const prompt = prefill_tokens === 0 ? [] : [prefillGroup(batch, prefill_tokens)];
  const steps = [...decodeSteps(batch, prefill_tokens, decode_tokens)];
  const phaseOf = (phase: DigitalPhase["phase"], groups: readonly TokenGroup[]): DigitalPhase => {
    const { tally, uses } = lowerBase(machine.lowering, groups);
    const base = set.countAll(machine, tally, groups.map(longestToken));
    const own = collectUses(uses, matrices);
    const shares = own.profiles.map((profile) =>
      profile.uses.map(({ tokens, times }): Share => {
        const row = rowOf(profile, tokens);
        return { row, work: times, chains: times };
      }),
    );
    const tokens = groups.reduce((sum, group) => sum + group.tokens, 0);
    return { phase, tokens, base, shares, ...own };
  };
  const all = [phaseOf("prefill", prompt), phaseOf("decode", steps)];
  const phases = all.filter(({ tokens }) => tokens > 0);
  const weights_B = Float64Array.from(matrices, (matrix) =>
    storedWeights_B(workload, matrix, digital.weight_B),
  );
  return { set, phases, unitsOf: unitsOfMatrices(matrices.length, phases), weights_B };
}

/**
 * Counts the same uses in analog, on a chip of that structure with room for every matrix. A use of
 * n tokens is n uses of one, side by side.
 */
export function countAnalog(
  problem: TableProblem,
  arch: Arch,
  digital: DigitalPart,
  kvMemory: number,
  phases: readonly PhaseUses[],
): AnalogCounts {
  const set = createRowSet();
  const tile = arch.tiles[0];
  if (tile === undefined) {
    const shares = phases.map(({ profiles }) => profiles.map(() => []));
    return { set, shares, crossbars: new Int32Array(problem.matrices.length) };
  }
  const limits = weightsPerCrossbar(tile.crossbar);
  const crossbars = Int32Array.from(problem.matrices, ({ module, inputs, outputs }) =>
    ALWAYS_DIGITAL.includes(module) ? 0 : blockCount({ rows: inputs, cols: outputs }, limits),
  );
  const needed = crossbars.reduce((sum, n) => sum + n, 0);
  const large = withRoomFor(arch, needed);
  const rowOf = createUseRows(problem, machineOf(problem, large, "analog", digital, kvMemory), set);
  const shareOf = (profile: Profile): readonly Share[] => {
    if (profile.ids.some((id) => crossbars[id] === 0)) return [];
    const work = profile.uses.reduce((sum, { tokens, times }) => sum + tokens * times, 0);
    const chains = profile.uses.reduce((sum, { times }) => sum + times, 0);
    return [{ row: rowOf(profile, 1), work, chains }];
  };
  return { set, shares: phases.map(({ profiles }) => profiles.map(shareOf)), crossbars };
}

/** Rows of uses, each counted once per shape. */
function createUseRows(
  { matrices, workload }: TableProblem,
  machine: DecoderMachine,
  set: RowSet,
): (profile: Profile, tokens: number) => number {
  const known = new Map<string, number>();
  return ({ ids, shapes }, tokens) => {
    const key = `${shapes} ${tokens}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const { layer } = matrices[ids[0]!]!;
    const hub = hubNode(machine.arch.interconnect, layer < 0 ? workload.layers - 1 : layer);
    const row = set.count(machine, lowerUse(machine.lowering, { ids, hub, tokens }));
    known.set(key, row);
    return row;
  };
}

/** The chip with all matrices where `target` says. */
function machineOf(
  { workload, matrices, options }: TableProblem,
  arch: Arch,
  target: Target,
  digital: DigitalPart,
  kvMemory: number,
): DecoderMachine {
  const targets = matrices.map(({ module }) =>
    ALWAYS_DIGITAL.includes(module) ? "digital" : target,
  );
  const placement: Placement = { name: target, targets };
  const mapped = mapPlacement(arch, matrices, placement, "infeasible");
  if (!mapped.feasible) throw new Error(mapped.reason);
  return createMachine(arch, workload, matrices, mapped, digital, kvMemory, options);
}

/** The chip with as many tiles of its first kind as that takes, on a larger network. */
function withRoomFor(arch: Arch, crossbars: number): Arch {
  const tile = arch.tiles[0]!;
  const times = Math.ceil(crossbars / (tile.count * tile.crossbar.tiers));
  if (times <= 1) return arch;
  const interconnect = withMoreNodes(arch.interconnect, times + 1);
  const tiles = [{ ...tile, count: tile.count * times }, ...arch.tiles.slice(1)];
  return { ...arch, tiles, interconnect };
}

function unitsOfMatrices(matrices: number, phases: readonly PhaseUses[]): number[][] {
  const units = Array.from({ length: matrices }, () => phases.map(() => -1));
  phases.forEach(({ units: own }, phase) => {
    own.forEach(({ ids }, unit) => {
      for (const id of ids) units[id]![phase] = unit;
    });
  });
  return units;
}
