import type { WeightMatrix } from "../model/matrix.ts";
import type { CrossbarPool } from "./allocate.ts";
import type { Mapping } from "./mapping.ts";
import { type BlockCuts, blockCuts } from "./split.ts";

/**
 * Writes the blocks of all analog matrices down, each on the next free crossbar of its kind.
 *
 * @param kindOf kind of tile of each matrix, -1 for digital ones. [matrices]
 * @param absent matrices that get blocks but no crossbar: they take turns
 */
export function writeMapping(
  pools: readonly CrossbarPool[],
  matrices: readonly WeightMatrix[],
  kindOf: Int32Array,
  absent: ReadonlySet<number> = new Set(),
): Mapping {
  const cutsOf = createCuts(pools);
  const cuts = matrices.map((matrix) => cutsOf(matrix, kindOf[matrix.id]!));
  const blockBegin = new Int32Array(matrices.length + 1);
  for (let m = 0; m < cuts.length; m++)
    blockBegin[m + 1] = blockBegin[m]! + cuts[m]!.rowBegin.length;
  const blockCount = blockBegin[matrices.length]!;
  const tile = new Int32Array(blockCount);
  const tier = new Int32Array(blockCount);
  for (let m = 0; m < cuts.length; m++) {
    const [begin, end] = [blockBegin[m]!, blockBegin[m + 1]!];
    if (begin === end) continue;
    if (!absent.has(m)) pools[kindOf[m]!]!.take({ tile, tier }, begin, end);
    else for (const column of [tile, tier]) column.fill(-1, begin, end);
  }
  return { blockCount, blockBegin, tileKind: kindOf, cuts, tile, tier, slots: null };
}

const NO_CUTS: BlockCuts = {
  rowBegin: new Int32Array(0),
  rowEnd: new Int32Array(0),
  colBegin: new Int32Array(0),
  colEnd: new Int32Array(0),
};

/** Cuts of a matrix on a kind of tile; matrices of one shape share them. */
function createCuts(
  pools: readonly CrossbarPool[],
): (matrix: WeightMatrix, kind: number) => BlockCuts {
  const known = pools.map(() => new Map<number, BlockCuts>());
  return ({ inputs, outputs }, kind) => {
    const pool = pools[kind];
    if (pool === undefined) return NO_CUTS;
    const key = inputs * 2 ** 26 + outputs;
    const found = known[kind]!.get(key);
    if (found !== undefined) return found;
    const cuts = blockCuts({ rows: inputs, cols: outputs }, pool);
    known[kind]!.set(key, cuts);
    return cuts;
  };
}
