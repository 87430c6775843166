/** Weights from float32 in blocks to what the products read. */
import type { AnalogBlock, AnalogMatrix } from "../numerics/engine.ts";
import type { IntScales } from "../numerics/engines/reference-int.ts";
import { placeWeight } from "../numerics/periphery/ir-drop.ts";
import type { Layout } from "./layout.ts";
import { type Recorder, write } from "./recorder.ts";
import { PACK, PACK_PLAIN } from "./shaders/codes.ts";

/** Scales of a matrix's blocks; null: it has no integer format. */
export type ScalesOf = readonly IntScales[] | null;

const SHADERS = { pack: PACK, "pack plain": PACK_PLAIN } as const;

/** How one kind of planes comes from the weights. */
export interface Packing {
  readonly shader: keyof typeof SHADERS;
  /** See the shader. */
  readonly mode: 0 | 1 | 2;
  readonly scaleOf: (scales: IntScales) => number;
  readonly planes: GPUBuffer;
}

/** Float32 that is packed at a time. */
const UPLOAD_B = 2 ** 27;

/** @param atPlace weights times their place for the IR drop */
export function packPlanes(
  recorder: Recorder,
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly ScalesOf[],
  packings: readonly Packing[],
  atPlace: boolean,
): void {
  let group: BlockToPack[] = [];
  let bytes = 0;
  const flush = (): void => {
    packBlocks(recorder, layout, group, packings, atPlace);
    group = [];
    bytes = 0;
  };
  matrices.forEach(({ blocks }, matrix) => {
    blocks.forEach((block, index) => {
      const own_B = 4 * block.weights.length;
      if (bytes > 0 && bytes + own_B > UPLOAD_B) flush();
      group.push({ block, index, matrix, scales: scales[matrix]?.[index] ?? null });
      bytes += own_B;
    });
  });
  flush();
}

interface BlockToPack {
  readonly block: AnalogBlock;
  readonly index: number;
  readonly matrix: number;
  readonly scales: IntScales | null;
}

function packBlocks(
  recorder: Recorder,
  { rowParts, colParts, partBegin, words, paddedOutputs }: Layout,
  group: readonly BlockToPack[],
  packings: readonly Packing[],
  atPlace: boolean,
): void {
  const { gpu } = recorder;
  const bytes = group.reduce((sum, { block }) => sum + block.weights.byteLength, 0);
  const source = recorder.scratch("weights to pack", bytes);
  const table = new Uint32Array(12 * group.length);
  const floats = new Float32Array(table.buffer);
  let at = 0;
  let [mostWords, mostColumns] = [0, 0];
  group.forEach(({ block, index, matrix }, i) => {
    const rows = block.rowEnd - block.rowBegin;
    const columns = block.colEnd - block.colBegin;
    const part = rowParts[Math.floor(index / colParts)]!;
    const sizes = [at, rows, columns, matrix];
    table.set([...sizes, partBegin[index % colParts]!, part.wordBegin, part.words], 12 * i);
    write(gpu, source, 4 * at, atPlace ? placed(block.weights, rows) : block.weights);
    at += rows * columns;
    mostWords = Math.max(mostWords, part.words);
    mostColumns = Math.max(mostColumns, columns);
  });
  const groups = [Math.ceil(mostWords / 64), mostColumns, group.length] as const;
  packings.forEach(({ shader, mode, scaleOf, planes }, i) => {
    group.forEach(({ scales }, g) => {
      floats[12 * g + 8] = scales === null ? 1 : scaleOf(scales);
    });
    const blocks = recorder.scratch(`blocks to pack ${i}`, Math.max(table.byteLength, 1 << 12));
    write(gpu, blocks, 0, table);
    const values = Uint32Array.of(mode, words, paddedOutputs, group.length);
    recorder.dispatch(
      shader,
      () => SHADERS[shader],
      values,
      { 1: blocks, 2: source, 3: planes },
      groups,
    );
  });
  recorder.submit();
}

function placed(weights: Float32Array, rows: number): Float32Array {
  return weights.map((w, i) => w * placeWeight(i % rows, rows));
}
