/** Matrices on crossbars in the GPU's memory, and the dispatches that read them. */
import type { AnalogBlock, AnalogMatrix } from "../numerics/engine.ts";
import { conversionOf, type IntScales, intScalesOf } from "../numerics/engines/reference-int.ts";
import { placeWeight } from "../numerics/periphery/ir-drop.ts";
import { philoxKey } from "../random/philox.ts";
import { GpuError } from "./context.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { planWords, type StageIo } from "./plan.ts";
import { createBuffer, type Recorder, upload, write } from "./recorder.ts";
import { analogShader, extraSumsShader, type Operand } from "./shaders/analog.ts";
import { analogMatrixShader } from "./shaders/analog-matrix.ts";
import { CODE_ROWS, codesShader, PACK } from "./shaders/codes.ts";
import { LINE } from "./shaders/rows.ts";
import { shapeWords } from "./shape.ts";
import type { Tiles } from "./tiles.ts";

/** Codes of the inputs must fit a signed byte. */
const MOST_INPUT_LEVELS = 127;

export interface AnalogStore {
  readonly layout: Layout;
  readonly weights: GPUBuffer;
  readonly constants: GPUBuffer;
  readonly tables: GPUBuffer;
  /** Planes of the extra sums, in the order of their results. */
  readonly extras: readonly { readonly operand: Operand; readonly planes: GPUBuffer }[];
  readonly shape: Readonly<Record<string, number>>;
  readonly buffers: readonly GPUBuffer[];
}

/** @throws GpuError if the numbers of a matrix do not fit the integer format of the shaders */
export function requireIntFormat(matrix: AnalogMatrix): readonly IntScales[] {
  const scales = intScalesOf(matrix);
  if (scales === null || matrix.periphery.inputLevels > MOST_INPUT_LEVELS)
    throw new GpuError(
      `inputs of ${matrix.periphery.inputLevels} levels a side; the shaders take 1 to ${MOST_INPUT_LEVELS}`,
    );
  return scales;
}

/** @param matrices one a group, null for those of other kinds; alike in periphery and cuts */
export function createAnalogStore(
  recorder: Recorder,
  { analog }: Tiles,
  matrices: readonly (AnalogMatrix | null)[],
): AnalogStore {
  const own = matrices.filter((m) => m !== null);
  const scales = own.map(requireIntFormat);
  const layout = layoutOf(own[0]!, analog.columns);
  const { periphery } = own[0]!;
  const { weights, extras } = packAll(recorder, layout, own, scales);
  const constants = upload(recorder.gpu, constantsOf(layout, own, scales));
  const { data, ...at } = tablesOf(layout, matrices);
  const tables = upload(recorder.gpu, data);
  const conversion = conversionOf(own[0]!.blocks[0]!, periphery, scales[0]![0]!);
  return {
    ...{ layout, weights, constants, tables, extras },
    shape: {
      ...conversion,
      ...at,
      ...layoutWords(layout),
      inputLevels: periphery.inputLevels,
      readNoise: periphery.readNoise > 0 ? 1 : 0,
    },
    buffers: [weights, constants, tables, ...extras.map((e) => e.planes)],
  };
}

const blockConstants = (layout: Layout): number => 8 * layout.rowParts.length * layout.colParts;

function layoutWords(layout: Layout): Readonly<Record<string, number>> {
  const { inputs, outputs, words, paddedOutputs, colParts, rowParts } = layout;
  const scaleAt = blockConstants(layout);
  return {
    ...{ inputs, outputs, words, paddedOutputs, colParts, scaleAt },
    rowParts: rowParts.length,
    constantStride: scaleAt + rowParts.length * paddedOutputs,
  };
}

/** Per matrix: eight numbers a block, then the scales of its columns, [row part][padded column]. */
function constantsOf(
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly (readonly IntScales[])[],
): Float32Array {
  const { rowParts, colParts, paddedOutputs, partBegin } = layout;
  const scaleAt = blockConstants(layout);
  const stride = scaleAt + rowParts.length * paddedOutputs;
  const data = new Float32Array(stride * matrices.length);
  matrices.forEach(({ blocks, periphery }, m) => {
    blocks.forEach((block, b) => {
      const { unit, perCurrent, perEnergy } = conversionOf(block, periphery, scales[m]![b]!);
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

/** How one kind of planes comes from the weights. */
interface Packing {
  /** See `PACK`. */
  readonly mode: 0 | 1;
  readonly scaleOf: (scales: IntScales) => number;
  readonly planes: GPUBuffer;
}

/** Planes of the weights and of all extra sums; weights go over the bus once (twice with IR drop). */
function packAll(
  recorder: Recorder,
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly (readonly IntScales[])[],
) {
  const { irDrop, readNoise } = matrices[0]!.periphery;
  const size_B = 8 * layout.words * layout.paddedOutputs * matrices.length;
  const planes = (): GPUBuffer => createBuffer(recorder.gpu, size_B);
  const weight = (s: IntScales): number => s.weight;
  const weights = planes();
  const extras: { operand: Operand; planes: GPUBuffer }[] = [];
  const asTheyAre: Packing[] = [{ mode: 0, scaleOf: weight, planes: weights }];
  if (irDrop > 0) {
    extras.push({ operand: "magnitudes", planes: planes() });
    extras.push({ operand: "codes", planes: planes() });
    asTheyAre.push({ mode: 1, scaleOf: weight, planes: extras[0]!.planes });
    const atPlace: Packing = { mode: 0, scaleOf: weight, planes: extras[1]!.planes };
    packPlanes(recorder, layout, matrices, scales, [atPlace], true);
  }
  if (readNoise > 0) {
    const squares = { operand: "squares", planes: planes() } as const;
    extras.push(squares);
    asTheyAre.push({ mode: 1, scaleOf: (s) => s.energy, planes: squares.planes });
  }
  packPlanes(recorder, layout, matrices, scales, asTheyAre, false);
  return { weights, extras };
}

/** Float32 that is packed at a time. */
const UPLOAD_B = 2 ** 27;

/** @param atPlace weights times their place for the IR drop */
function packPlanes(
  recorder: Recorder,
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly (readonly IntScales[])[],
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
      group.push({ block, index, matrix, scales: scales[matrix]![index]! });
      bytes += own_B;
    });
  });
  flush();
}

interface BlockToPack {
  readonly block: AnalogBlock;
  readonly index: number;
  readonly matrix: number;
  readonly scales: IntScales;
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
  packings.forEach(({ mode, scaleOf, planes }, i) => {
    group.forEach(({ scales }, g) => {
      floats[12 * g + 8] = scaleOf(scales);
    });
    const blocks = recorder.scratch(`blocks to pack ${i}`, Math.max(table.byteLength, 1 << 18));
    write(gpu, blocks, 0, table);
    const values = Uint32Array.of(mode, words, paddedOutputs, group.length);
    recorder.dispatch("pack", () => PACK, values, { 1: blocks, 2: source, 3: planes }, groups);
  });
  recorder.submit();
}

function placed(weights: Float32Array, rows: number): Float32Array {
  return weights.map((w, i) => w * placeWeight(i % rows, rows));
}

/** Inputs to codes, the extra sums, then the product with all that follows it. */
export function runAnalog(
  recorder: Recorder,
  store: AnalogStore,
  { analog, extra, matrix }: Tiles,
  io: StageIo,
): void {
  const { layout, shape, tables, constants } = store;
  const { slots, buffer: plan, mostTiles } = io.plan;
  const parts = layout.rowParts.length;
  const codes = recorder.scratch("codes", 4 * slots * layout.words);
  const rowInfo = recorder.scratch("row info", 8 * slots * parts);
  const words = { ...shape, ...planWords(io) };
  const codeGroups = Math.ceil(slots / CODE_ROWS);
  const wide = [layout.inputs, ...layout.rowParts.map((p) => p.rowBegin)].every((n) => n % 4 === 0);
  recorder.dispatch(
    `codes ${wide}`,
    () => codesShader(wide),
    shapeWords(words),
    { 1: io.x, 2: tables, 3: plan, 4: constants, 5: codes, 6: rowInfo },
    [Math.min(codeGroups, LINE), parts, Math.ceil(codeGroups / LINE)],
  );
  const plane = slots * parts * layout.paddedOutputs;
  const hasExtras = store.extras.length > 0;
  const sums = hasExtras ? recorder.scratch("sums", 4 * plane * store.extras.length) : null;
  const groups = [layout.columnTiles.length, mostTiles, 1] as const;
  store.extras.forEach(({ operand, planes }, i) => {
    recorder.dispatch(
      `extra ${operand} ${JSON.stringify(extra)}`,
      () => extraSumsShader(extra, operand),
      shapeWords({ ...words, sumsAt: i * plane }),
      {
        1: codes,
        2: planes,
        3: tables,
        4: plan,
        6: sums!,
        ...(operand === "codes" && { 5: rowInfo }),
      },
      groups,
    );
  });
  recorder.dispatch(
    `analog ${hasExtras} ${JSON.stringify(matrix ?? analog)}`,
    () => (matrix ? analogMatrixShader(matrix, hasExtras) : analogShader(analog, hasExtras)),
    shapeWords(words),
    {
      ...{ 1: codes, 2: store.weights, 3: tables, 4: plan, 5: rowInfo, 6: constants, 7: io.y },
      ...(sums !== null && { 8: sums }),
    },
    groups,
  );
}
