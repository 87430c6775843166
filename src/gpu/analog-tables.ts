/** What shaders of analog products read beside codes and weights. */
import type { AnalogMatrix } from "../numerics/engine.ts";
import { conversionOf } from "../numerics/engines/reference-int.ts";
import { philoxKey } from "../random/philox.ts";
import type { Layout } from "./layout.ts";
import type { ScalesOf } from "./packing.ts";
import { type Recorder, upload } from "./recorder.ts";

/**
 * Constants and tables of matrices that are alike in periphery and cuts.
 *
 * @param matrices one a group, null for those of other kinds
 * @param scales of those that are not null
 */
export function createTables(
  { gpu }: Recorder,
  layout: Layout,
  matrices: readonly (AnalogMatrix | null)[],
  scales: readonly ScalesOf[],
) {
  const own = matrices.filter((m) => m !== null);
  const { periphery, blocks } = own[0]!;
  const constants = upload(gpu, constantsOf(layout, own, scales));
  const { data, ...at } = tablesOf(layout, matrices);
  const tables = upload(gpu, data);
  const conversion = conversionOf(blocks[0]!, periphery, scales[0]?.[0] ?? null);
  const shape: Readonly<Record<string, number>> = {
    ...conversion,
    ...at,
    ...layoutWords(layout),
    inputLevels: periphery.inputLevels,
    readNoise: periphery.readNoise > 0 ? 1 : 0,
  };
  return { constants, tables, shape };
}

const blockConstants = (layout: Layout): number => 8 * layout.rowParts.length * layout.colParts;

function layoutWords(layout: Layout): Readonly<Record<string, number>> {
  const { inputs, outputs, words, paddedOutputs, colParts, rowParts } = layout;
  const scaleAt = blockConstants(layout);
  return {
    ...{ inputs, outputs, words, paddedOutputs, colParts, scaleAt },
    rowParts: rowParts.length,
    // 0: parts of different lengths, which are in the table.
    partWords: new Set(rowParts.map((part) => part.words)).size === 1 ? rowParts[0]!.words : 0,
    constantStride: scaleAt + rowParts.length * paddedOutputs,
  };
}

/** Per matrix: eight numbers a block, then the scales of its columns, [row part][padded column]. */
function constantsOf(
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly ScalesOf[],
): Float32Array {
  const { rowParts, colParts, paddedOutputs, partBegin } = layout;
  const scaleAt = blockConstants(layout);
  const stride = scaleAt + rowParts.length * paddedOutputs;
  const data = new Float32Array(stride * matrices.length);
  matrices.forEach(({ blocks, periphery }, m) => {
    blocks.forEach((block, b) => {
      const { unit, perCurrent, perEnergy } = conversionOf(
        block,
        periphery,
        scales[m]?.[b] ?? null,
      );
      const range = Math.fround(block.inputRange);
      const inverse = range > 0 ? Math.fround(1 / range) : 0;
      data.set([unit, perCurrent, perEnergy, range, inverse], m * stride + 8 * b);
      const [p, part] = [Math.floor(b / colParts), b % colParts];
      data.set(block.scale, m * stride + scaleAt + p * paddedOutputs + partBegin[part]!);
    });
  });
  return data;
}

/** Matrix of each group, noise address of each matrix, row parts, column tiles. */
function tablesOf({ rowParts, columnTiles }: Layout, matrices: readonly (AnalogMatrix | null)[]) {
  const words: number[] = [];
  let next = 0;
  for (const matrix of matrices) words.push(matrix === null ? 0xffffffff : next++);
  const idsAt = words.length;
  for (const matrix of matrices)
    if (matrix !== null) words.push(matrix.matrix, ...philoxKey(matrix.seed), 0);
  const rowTable = words.length;
  for (const r of rowParts) words.push(r.wordBegin, r.words, r.rowBegin, r.rowEnd);
  const columnTable = words.length;
  for (const c of columnTiles) words.push(c.part, c.column, c.inPart, c.count);
  return { slotsAt: 0, idsAt, rowTable, columnTable, data: Uint32Array.from(words) };
}
