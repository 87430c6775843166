/** Matrices on crossbars in the GPU's memory, and the dispatches that read them. */
import type { AnalogMatrix, Periphery } from "../numerics/engine.ts";
import { type IntScales, intScalesOf } from "../numerics/engines/reference-int.ts";
import { createTables } from "./analog-tables.ts";
import type { GpuContext } from "./context.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type Packing, packPlanes, type ScalesOf } from "./packing.ts";
import { planWords, type StageIo } from "./plan.ts";
import { createBuffer, type Recorder } from "./recorder.ts";
import { analogShader, extraSumsShader } from "./shaders/analog.ts";
import { analogMatrixShader, extraMatrixShader } from "./shaders/analog-matrix.ts";
import { plainShader, plainSumsShader } from "./shaders/analog-plain.ts";
import { codeRows, codesShader } from "./shaders/codes.ts";
import type { SumType } from "./shaders/output-side.ts";
import { LINE } from "./shaders/rows.ts";
import { type InputPlane, type Operand, sweepsOf } from "./shaders/sweeps.ts";
import { fixedFields, shapeWords, specialised } from "./shape.ts";
import { paddingOf, type Tiles } from "./tiles.ts";

/** Codes of this size and less fit a signed byte. */
const MOST_PACKED_LEVELS = 127;

/**
 * How a product is formed: bytes by packed dot products, or 32 bits a number. `packed` and `i32` are
 * the same whole numbers; `f32` is for what has no integer format: inputs that are not rounded, or
 * so many rows or levels that sums would leave int32.
 */
export type Arithmetic = "packed" | SumType;

export interface AnalogStore {
  readonly arithmetic: Arithmetic;
  readonly layout: Layout;
  readonly weights: GPUBuffer;
  readonly constants: GPUBuffer;
  readonly tables: GPUBuffer;
  /** What the input side writes. */
  readonly inputPlanes: readonly InputPlane[];
  /** Planes of the extra sums, in the order of their results. */
  readonly extras: readonly Extra[];
  readonly shape: Readonly<Record<string, number>>;
  readonly buffers: readonly GPUBuffer[];
}

interface Extra {
  readonly operand: Operand;
  readonly planes: GPUBuffer;
}

export function arithmeticOf({ hasPackedDots }: GpuContext, matrix: AnalogMatrix): Arithmetic {
  if (intScalesOf(matrix) === null) return "f32";
  const fits = matrix.periphery.inputLevels <= MOST_PACKED_LEVELS;
  return hasPackedDots && fits ? "packed" : "i32";
}

/** @param matrices one a group, null for those of other kinds; alike in periphery and cuts */
export function createAnalogStore(
  recorder: Recorder,
  tiles: Tiles,
  matrices: readonly (AnalogMatrix | null)[],
): AnalogStore {
  const own = matrices.filter((m) => m !== null);
  const arithmetic = arithmeticOf(recorder.gpu, own[0]!);
  const scales = own.map(intScalesOf);
  const layout = layoutOf(own[0]!, tiles.columns, paddingOf(tiles));
  const { weights, extras } = packAll(recorder, layout, own, scales, PACKINGS[arithmetic]);
  const tables = createTables(recorder, layout, matrices, scales);
  const buffers = [weights, tables.constants, tables.tables, ...extras.map((e) => e.planes)];
  const inputPlanes = inputPlanesOf(own[0]!.periphery);
  return {
    ...{ arithmetic, layout, weights, extras, inputPlanes },
    ...tables,
    buffers: [...new Set(buffers)],
  };
}

const inputPlanesOf = ({ irDrop, readNoise }: Periphery): readonly InputPlane[] => [
  "codes",
  ...(irDrop > 0 ? (["magnitudes"] as const) : []),
  ...(readNoise > 0 ? (["squares low", "squares high"] as const) : []),
];

type Mode = Pick<Packing, "shader" | "mode">;

/** How planes are packed; null: those of the weights serve. */
interface Packings {
  /** Of a word of four weights. */
  readonly bytes: number;
  readonly weights: Mode;
  readonly magnitudes: Mode | null;
  readonly squares: Mode | null;
}

const PLAIN_BYTES = 16;
const PACKINGS: Readonly<Record<Arithmetic, Packings>> = {
  packed: {
    bytes: 8,
    weights: { shader: "pack", mode: 0 },
    magnitudes: { shader: "pack", mode: 1 },
    squares: { shader: "pack", mode: 1 },
  },
  i32: {
    bytes: PLAIN_BYTES,
    weights: { shader: "pack plain", mode: 1 },
    magnitudes: null,
    squares: { shader: "pack plain", mode: 2 },
  },
  f32: {
    bytes: PLAIN_BYTES,
    weights: { shader: "pack plain", mode: 0 },
    magnitudes: null,
    squares: null,
  },
};

/** Planes of the weights and of all extra sums; weights go over the bus once (twice with IR drop). */
function packAll(
  recorder: Recorder,
  layout: Layout,
  matrices: readonly AnalogMatrix[],
  scales: readonly ScalesOf[],
  packings: Packings,
): { readonly weights: GPUBuffer; readonly extras: readonly Extra[] } {
  const { irDrop, readNoise } = matrices[0]!.periphery;
  const size_B = packings.bytes * layout.words * layout.paddedOutputs * matrices.length;
  const asTheyAre: Packing[] = [];
  const planesOf = (mode: Mode, scaleOf: (s: IntScales) => number): GPUBuffer => {
    const planes = createBuffer(recorder.gpu, size_B);
    asTheyAre.push({ ...mode, scaleOf, planes });
    return planes;
  };
  const weight = (s: IntScales): number => s.weight;
  const weights = planesOf(packings.weights, weight);
  const extra = (own: Mode | null, scaleOf: (s: IntScales) => number): GPUBuffer =>
    own === null ? weights : planesOf(own, scaleOf);
  const extras: Extra[] = [];
  if (irDrop > 0) {
    extras.push({ operand: "magnitudes", planes: extra(packings.magnitudes, weight) });
    const planes = createBuffer(recorder.gpu, size_B);
    extras.push({ operand: "codes", planes });
    const atPlace: Packing = { ...packings.weights, scaleOf: weight, planes };
    packPlanes(recorder, layout, matrices, scales, [atPlace], true);
  }
  if (readNoise > 0)
    extras.push({ operand: "squares", planes: extra(packings.squares, (s) => s.energy) });
  packPlanes(recorder, layout, matrices, scales, asTheyAre, false);
  return { weights, extras };
}

/** A name that says which shader it is, and its code. */
type Kernel = readonly [string, () => string];

interface Kernels {
  readonly codes: Kernel;
  readonly sums: (operand: Operand) => Kernel;
  readonly product: Kernel;
}

function kernelsOf(
  { matrixShapes }: GpuContext,
  store: AnalogStore,
  { analog, matrix }: Tiles,
): Kernels {
  const bySubgroups = matrixShapes.length > 0;
  const { arithmetic, layout, inputPlanes } = store;
  const hasExtras = store.extras.length > 0;
  const wide = [layout.inputs, ...layout.rowParts.map((p) => p.rowBegin)].every((n) => n % 4 === 0);
  const tile = arithmetic === "packed" && matrix !== null ? matrix : analog;
  const name = (what: string): string => `${what} ${arithmetic} ${JSON.stringify(tile)}`;
  const product = name(`analog ${hasExtras}`);
  if (arithmetic !== "packed")
    return {
      codes: [`codes ${wide} ${arithmetic}`, () => codesShader(wide, arithmetic, bySubgroups)],
      sums: (operand) => [name(operand), () => plainSumsShader(analog, arithmetic, operand)],
      product: [product, () => plainShader(analog, arithmetic, hasExtras)],
    };
  const sums = (operand: Operand): Kernel => {
    const sweeps = sweepsOf(operand, inputPlanes);
    const isSigned = operand === "codes";
    const code = (): string =>
      matrix
        ? extraMatrixShader(matrix, sweeps, isSigned)
        : extraSumsShader(analog, sweeps, isSigned);
    return [name(`${operand} of ${inputPlanes}`), code];
  };
  return {
    codes: [`codes ${wide} ${inputPlanes}`, () => codesShader(wide, inputPlanes, bySubgroups)],
    sums,
    product: [
      product,
      () => (matrix ? analogMatrixShader(matrix, hasExtras) : analogShader(analog, hasExtras)),
    ],
  };
}

/** Inputs to codes, the extra sums, then the product with all that follows it. */
export function runAnalog(recorder: Recorder, store: AnalogStore, tiles: Tiles, io: StageIo): void {
  const { layout, shape, tables, constants, extras } = store;
  const kernels = kernelsOf(recorder.gpu, store, tiles);
  const { slots, buffer: plan, mostTiles } = io.plan;
  const parts = layout.rowParts.length;
  const codes = codesBuffer(recorder, store, slots);
  const rowInfo = recorder.scratch("row info", 8 * slots * parts);
  // Rows of a tile that no token has take room, too.
  const sumsPlane = mostTiles * tiles.rows * parts * layout.paddedOutputs;
  const words = { ...shape, ...planWords(io), sumsPlane };
  const fixed = fixedFields(words);
  const special = ([name, code]: Kernel): Kernel =>
    // A processor takes minutes to compile a long shader.
    recorder.gpu.isSoftware
      ? [name, code]
      : [`${name} ${JSON.stringify(fixed)}`, () => specialised(code(), fixed)];
  const codeGroups = Math.ceil(slots / codeRows(recorder.gpu.matrixShapes.length > 0));
  recorder.dispatch(
    ...special(kernels.codes),
    shapeWords(words),
    { 1: io.x, 2: tables, 3: plan, 4: constants, 5: codes, 6: rowInfo },
    [Math.min(codeGroups, LINE), parts, Math.ceil(codeGroups / LINE)],
  );
  const sums = extras.length > 0 ? recorder.scratch("sums", 4 * sumsPlane * extras.length) : null;
  const groups = [layout.columnTiles.length, mostTiles, 1] as const;
  extras.forEach(({ operand, planes }, i) => {
    recorder.dispatch(
      ...special(kernels.sums(operand)),
      shapeWords({ ...words, sumsAt: i * sumsPlane }),
      { 1: codes, 2: planes, 3: tables, 4: plan, 6: sums! },
      groups,
    );
  });
  recorder.dispatch(
    ...special(kernels.product),
    shapeWords(words),
    {
      ...{ 1: codes, 2: store.weights, 3: tables, 4: plan, 5: rowInfo, 6: constants, 7: io.y },
      ...(sums !== null && { 8: sums }),
    },
    groups,
  );
}

function codesBuffer(
  recorder: Recorder,
  { arithmetic, layout, inputPlanes }: AnalogStore,
  slots: number,
): GPUBuffer {
  const word_B = arithmetic === "packed" ? 4 * inputPlanes.length : PLAIN_BYTES;
  return recorder.scratch("codes", word_B * slots * layout.words);
}
