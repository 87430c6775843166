import { chipComponents, tileArea_mm2 } from "../cost/area.ts";
import { type DigitalPart, digitalPart } from "../lowering/cores.ts";
import { findRoom, kvCache_B } from "../lowering/room.ts";
import type { Arch } from "../model/arch.ts";
import { type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import {
  type AnalogCounts,
  countAnalog,
  countDigital,
  type DigitalCounts,
  type Share,
  type TableProblem,
} from "./table-counts.ts";
import { type Columns, priceSets } from "./table-price.ts";
import { analogStructure, digitalStructure } from "./table-structure.ts";
import type { LayerChain, Unit } from "./table-uses.ts";

/** Everything that placements of one workload on one chip are sums of. */
export interface CostTable {
  readonly feasible: true;
  readonly columns: Columns;
  readonly phases: readonly PhaseTable[];
  /** Units that a matrix is part of, by phase; -1: none. [matrices][phases] */
  readonly unitsOf: readonly (readonly number[])[];
  /** Of the first kind of tile. [matrices] */
  readonly crossbars: Int32Array;
  readonly latentAttention: boolean;
  readonly matrices: readonly WeightMatrix[];
  readonly chip: ChipFigures;
}

export interface PhaseTable {
  readonly phase: "prefill" | "decode";
  readonly tokens: number;
  /** Work that no placement changes. [width] */
  readonly base: Float64Array;
  /** In the order of layers. */
  readonly units: readonly Unit[];
  /** Of each layer; that of the LM head comes first. */
  readonly chains: readonly LayerChain[];
  /** All uses of a unit in analog, or digitally. [profiles][width] */
  readonly analog: readonly Float64Array[];
  readonly digital: readonly Float64Array[];
}

/** What a point needs of the chip beside its rows. */
export interface ChipFigures {
  readonly part: DigitalPart;
  /** Index into `arch.memories`. */
  readonly kvMemory: number;
  readonly static_mW: number;
  readonly area_mm2: number;
  /** Of one tile of the first kind, and of all tiles of the others, which hold nothing. */
  readonly tile_mm2: number;
  readonly otherTiles_mm2: number;
  readonly tiles: number;
  readonly crossbars: number;
  /** Of a digital matrix in the weight memory. [matrices] */
  readonly weights_B: Float64Array;
  readonly weightMemory_B: number;
  readonly kvCache_B: number;
  /** Capacity of each memory that may hold the KV cache, and whether weights are there too. */
  readonly kvMemories: readonly { readonly capacity_B: number; readonly holdsWeights: boolean }[];
}

export interface NoTable {
  readonly feasible: false;
  readonly reason: string;
}

/** Tables of one workload and run on any number of chips. */
export interface TableModel {
  /** As `weightMatrices` lists them: the order of targets. */
  readonly matrices: readonly WeightMatrix[];
  /**
   * The table of a chip. What happens on it is counted once per structure (`analogStructure`,
   * `digitalStructure`) and kept; a chip that differs from one before in prices only is priced
   * from those counts.
   */
  readonly chip: (arch: Arch) => CostTable | NoTable;
}

/** Structures that are kept, the latest ones. */
const KEPT = 256;

/**
 * Prepares tables for many chips, for explorations that change the chip from point to point:
 *
 *     const model = createTableModel(workload, options);
 *     const table = model.chip(arch);
 *     if (table.feasible) point = pointOf(table, evaluateTable(table, placement.targets));
 *
 * Energies are those of a simulation, but for the interconnect: routes are those of a chip that
 * holds every matrix in analog, each expert is sent its tokens by itself, and matrices of a shape
 * share one row. All analog rows are of the first kind of tile. The KV cache is where it is when no
 * weight is digital.
 */
export function createTableModel(workload: Workload, options: CostOptions): TableModel {
  const problem: TableProblem = { workload, options, matrices: weightMatrices(workload) };
  const digitalOf = createCache<DigitalCounts>(KEPT);
  const analogOf = createCache<AnalogCounts>(KEPT);
  return {
    matrices: problem.matrices,
    chip: (arch) => {
      const part = digitalPart(arch);
      if ("missing" in part) return { feasible: false, reason: `the chip lacks ${part.missing}` };
      const room = findRoom(arch, workload, [], { name: "none", targets: [] }, part, options);
      if (!room.hasRoom) return { feasible: false, reason: `no room for ${room.what}` };
      const { kvMemory } = room;
      const digital = digitalOf(digitalStructure(arch, part, kvMemory), () =>
        countDigital(problem, arch, part, kvMemory),
      );
      const analog = analogOf(analogStructure(arch), () =>
        countAnalog(problem, arch, part, kvMemory, digital.phases),
      );
      return priceTable(problem, arch, { part, kvMemory }, digital, analog);
    },
  };
}

/** Where digital work is done, and where keys and values are. */
type Home = Pick<ChipFigures, "part" | "kvMemory">;

function createCache<T>(most: number): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key);
    const value = found ?? make();
    if (found === undefined && known.size === most) known.delete(known.keys().next().value!);
    known.delete(key);
    known.set(key, value);
    return value;
  };
}

function priceTable(
  { matrices, workload, options }: TableProblem,
  arch: Arch,
  home: Home,
  digital: DigitalCounts,
  analog: AnalogCounts,
): CostTable {
  const { columns, rows } = priceSets(arch, [digital.set, analog.set]);
  const vectorOf = (set: 0 | 1, shares: readonly Share[]) => addShares(columns, rows[set]!, shares);
  return {
    feasible: true,
    columns,
    phases: digital.phases.map((own, p) => ({
      phase: own.phase,
      tokens: own.tokens,
      base: rows[0]![own.base]!,
      units: own.units,
      chains: own.chains,
      analog: analog.shares[p]!.map((shares) => vectorOf(1, shares)),
      digital: own.shares.map((shares) => vectorOf(0, shares)),
    })),
    unitsOf: digital.unitsOf,
    crossbars: analog.crossbars,
    latentAttention: workload.attention.kind === "latent",
    matrices,
    chip: {
      ...chipFigures(arch),
      ...roomFigures(arch, home, digital, kvBytes(workload, options, home)),
    },
  };
}

function addShares(
  { width }: Columns,
  rows: readonly Float64Array[],
  shares: readonly Share[],
): Float64Array {
  const sum = new Float64Array(width);
  for (const { row, work, chains } of shares) {
    const own = rows[row]!;
    for (let c = 0; c + 1 < width; c++) sum[c]! += work * own[c]!;
    sum[width - 1]! += chains * own[width - 1]!;
  }
  return sum;
}

function chipFigures(arch: Arch) {
  const tile = arch.tiles[0];
  const components = chipComponents(arch);
  const others_mm2 = arch.tiles.slice(1).map((kind) => kind.count * tileArea_mm2(kind));
  return {
    static_mW: components.reduce((sum, { static_mW }) => sum + static_mW, 0),
    area_mm2: components.reduce((sum, { area_mm2 }) => sum + area_mm2, 0),
    tile_mm2: tile === undefined ? 0 : tileArea_mm2(tile),
    otherTiles_mm2: others_mm2.reduce((sum, area) => sum + area, 0),
    tiles: tile?.count ?? 0,
    crossbars: tile === undefined ? 0 : tile.count * tile.crossbar.tiers,
  };
}

function roomFigures(
  { memories, kv_memories }: Arch,
  { part, kvMemory }: Home,
  { weights_B }: DigitalCounts,
  needed_B: number,
) {
  return {
    part,
    kvMemory,
    weights_B,
    weightMemory_B: memories[part.weightMemory]!.capacity_B,
    kvCache_B: needed_B,
    kvMemories: kv_memories.map((name) => {
      const memory = memories.findIndex((own) => own.name === name);
      return {
        capacity_B: memories[memory]!.capacity_B,
        holdsWeights: memory === part.weightMemory,
      };
    }),
  };
}

function kvBytes(
  workload: Workload,
  { batch, prefill_tokens, decode_tokens }: CostOptions,
  { part }: Home,
): number {
  return kvCache_B(workload, batch, prefill_tokens + decode_tokens, part.activation_B);
}
