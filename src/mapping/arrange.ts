import type { AssignmentName } from "../model/run.ts";
import type { AssignmentProblem, BlockOwner } from "./assignment.ts";
import { assignments } from "./assignments/index.ts";
import type { CopiedExpert, ExpertCopies, Mapping } from "./mapping.ts";
import type { CopyCount } from "./replicate.ts";
import type { AnalogExpert } from "./slots.ts";

/** What is known about a matrix where tiles are assigned. */
export interface MatrixUse {
  readonly layer: number;
  /** -1: not a routed expert. */
  readonly expert: number;
  /** Expected uses per token, all copies together. */
  readonly uses: number;
  /** Of each of its blocks: `AssignmentProblem`. */
  readonly read_ps: Float64Array;
  readonly unit_ps: Float64Array;
  readonly hop_ps: Float64Array;
}

/** Makes room for the copies; they sit nowhere until tiles are assigned. */
export function withCopies(
  mapping: Mapping,
  experts: readonly AnalogExpert[],
  counts: readonly CopyCount[],
): Mapping {
  const byName = new Map(experts.map((each) => [`${each.layer} ${each.expert}`, each.ids]));
  const copied: CopiedExpert[] = [];
  let first = 0;
  for (const { layer, expert, copies } of counts) {
    const matrices = byName.get(`${layer} ${expert}`)!;
    const blockBegin = mapping.blockBegin[matrices[0]!]!;
    const blockEnd = mapping.blockBegin[matrices[matrices.length - 1]! + 1]!;
    copied.push({ layer, expert, matrices, blockBegin, blockEnd, copies, first });
    first += copies * (blockEnd - blockBegin);
  }
  if (copied.length === 0) return mapping;
  const none = (): Int32Array => new Int32Array(first).fill(-1);
  return { ...mapping, copies: { experts: copied, tile: none(), tier: none() } };
}

/** One kind of tile. */
export interface TileRange {
  readonly kind: number;
  readonly firstTile: number;
  readonly tiles: number;
  readonly tiers: number;
}

/**
 * Gives every block, copies included, a tile by the rule of that name, and the lowest free tier.
 *
 * @param uses of each matrix; null for digital ones. [matrices]
 * @param hopsFrom hops between the hub of a layer and each tile of the kind
 */
export function assignTiles(
  mapping: Mapping,
  name: AssignmentName,
  kinds: readonly TileRange[],
  uses: readonly (MatrixUse | null)[],
  common: Pick<AssignmentProblem, "seed" | "together" | "experts"> & {
    readonly hopsFrom: (kind: TileRange, layer: number) => Int32Array;
  },
): Mapping {
  const tile = mapping.tile.slice();
  const tier = mapping.tier.slice();
  const copies: ExpertCopies | undefined = mapping.copies && {
    ...mapping.copies,
    tile: mapping.copies.tile.slice(),
    tier: mapping.copies.tier.slice(),
  };
  for (const kind of kinds) {
    const items = itemsOf(mapping, kind.kind, uses);
    const problem: AssignmentProblem = {
      ...common,
      ...items,
      tiles: kind.tiles,
      tiers: kind.tiers,
      hopsFrom: (layer) => common.hopsFrom(kind, layer),
    };
    const assigned = assignments[name].assign(problem);
    const used = new Int32Array(kind.tiles);
    assigned.forEach((t, item) => {
      const [tiles, tiers] = items.isCopy[item]! ? [copies!.tile, copies!.tier] : [tile, tier];
      tiles[items.place[item]!] = kind.firstTile + t;
      tiers[items.place[item]!] = used[t]!++;
    });
    if (used.some((n) => n > kind.tiers)) throw new Error(`${name} overfills a tile`);
  }
  return { ...mapping, tile, tier, ...(copies && { copies }) };
}

/** The blocks of one kind of tile as items, first those of the mapping, then copies. */
function itemsOf(mapping: Mapping, kind: number, uses: readonly (MatrixUse | null)[]) {
  const owners: BlockOwner[] = [];
  const place: number[] = [];
  const isCopy: boolean[] = [];
  const columns = { read_ps: [] as number[], unit_ps: [] as number[], hop_ps: [] as number[] };
  const copiesOf = new Map<number, number>();
  for (const { matrices, copies } of mapping.copies?.experts ?? [])
    for (const matrix of matrices) copiesOf.set(matrix, 1 + copies);

  const add = (matrices: readonly number[], begin: number, copy: boolean): void => {
    const firstItem = place.length;
    let at = begin;
    for (const matrix of matrices) {
      const use = uses[matrix]!;
      use.read_ps.forEach((read, i) => {
        columns.read_ps.push(read);
        columns.unit_ps.push(use.unit_ps[i]!);
        columns.hop_ps.push(use.hop_ps[i]!);
        place.push(at++);
        isCopy.push(copy);
      });
    }
    const { layer, expert, uses: times } = uses[matrices[0]!]!;
    const each = times / (copiesOf.get(matrices[0]!) ?? 1);
    owners.push({ layer, expert, uses: each, firstItem, endItem: place.length });
  };

  for (const matrices of ownersOf(mapping, kind, uses))
    add(matrices, mapping.blockBegin[matrices[0]!]!, false);
  for (const { matrices, copies, first, blockBegin, blockEnd } of mapping.copies?.experts ?? [])
    if (mapping.tileKind[matrices[0]!] === kind)
      for (let c = 0; c < copies; c++) add(matrices, first + c * (blockEnd - blockBegin), true);
  return {
    owners,
    place,
    isCopy,
    read_ps: Float64Array.from(columns.read_ps),
    unit_ps: Float64Array.from(columns.unit_ps),
    hop_ps: Float64Array.from(columns.hop_ps),
  };
}

/** Matrices of the kind: the consecutive ones of one expert together, others alone. */
function ownersOf(
  { tileKind }: Mapping,
  kind: number,
  uses: readonly (MatrixUse | null)[],
): number[][] {
  const owners: number[][] = [];
  let before: MatrixUse | null = null;
  tileKind.forEach((own, matrix) => {
    const use = own === kind ? uses[matrix]! : null;
    const isSame =
      use !== null &&
      use.expert >= 0 &&
      use.expert === before?.expert &&
      use.layer === before.layer;
    if (isSame) owners[owners.length - 1]!.push(matrix);
    else if (use !== null) owners.push([matrix]);
    before = use;
  });
  return owners;
}
