/** The analog product by matrix instructions of a subgroup: the same integers, several times as fast. */
import type { MatrixShape } from "../context.ts";
import { SHAPE } from "./analog.ts";
import {
  BEGIN_COLUMNS,
  BEGIN_PART,
  BEGIN_PLANES,
  beginTile,
  beginUnits,
  extraSlot,
  finishPart,
  OUTPUT_BINDINGS,
  outputSide,
  productBindings,
  STORE,
  storeUnits,
  sumsBinding,
  type Units,
} from "./output-side.ts";
import { RANDOM } from "./random.ts";
import { type Sweep, twoPlanes } from "./sweeps.ts";
import { PLAN } from "./tables.ts";

export interface MatrixTile {
  readonly rows: number;
  readonly columns: number;
  /** Subgroups down and across; each computes its share of the tile. */
  readonly down: number;
  readonly across: number;
  /** 16-byte groups of inputs that are staged at a time; row parts are padded to them. */
  readonly depth: number;
  readonly shape: MatrixShape;
}

/** Invocations of a subgroup that the tiles are made for. */
export const SUBGROUP = 32;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join("\n      ");

const invocationsOf = ({ down, across }: MatrixTile): number => SUBGROUP * down * across;
/** One group more than there is: rows then begin in different banks. */
const strideOf = ({ depth }: MatrixTile): number => depth + 1;
const sumStrideOf = ({ columns }: MatrixTile): number => columns / 4 + 1;

/** Inputs and weights of a round. */
const stagedVectors = (tile: MatrixTile): number => strideOf(tile) * (tile.rows + tile.columns);
/** The sums come into the same memory. */
const sharedVectors = (tile: MatrixTile): number =>
  Math.max(stagedVectors(tile), tile.rows * sumStrideOf(tile));

/** Workgroup memory that a tile takes. */
export const matrixMemory_B = (tile: MatrixTile): number => 16 * sharedVectors(tile);

/** Whether the tile divides among its subgroups. */
export function isMatrixTile(tile: MatrixTile): boolean {
  const { rows, columns, down, across, depth, shape } = tile;
  const invocations = invocationsOf(tile);
  return [
    rows / down / shape.M,
    columns / across / shape.N,
    (16 * depth) / shape.K,
    shape.K / 16,
    (rows * depth) / invocations,
    (columns * depth) / invocations,
    invocations / depth,
    // Subgroups share out groups of 16 columns, then of 8 rows.
    (16 * down * across) / columns,
    (rows * columns) / 128 / (down * across),
  ].every(Number.isInteger);
}

type Operand8 = "i8" | "u8";

/** Shares of a subgroup: fragments down and across. */
function fragmentsOf({ rows, columns, down, across, shape }: MatrixTile) {
  const high = range(rows / down / shape.M);
  const wide = range(columns / across / shape.N);
  return { high, wide, grid: high.flatMap((m) => wide.map((n) => `${m}_${n}`)) };
}

/** One staged round: fragments from workgroup memory, and their products. */
function multiply(tile: MatrixTile, operand: Operand8): string {
  const { rows, depth, shape } = tile;
  const stride = strideOf(tile);
  const { high, wide } = fragmentsOf(tile);
  const group = shape.K / 16;
  const input = (m: number, s: number): string =>
    `let a${m} = subgroupMatrixLoad<subgroup_matrix_left<${operand}, ${shape.K}, ${shape.M}>, row_major>(&staged, (rowOf + ${m * shape.M}u) * ${stride}u + ${s * group}u, ${stride}u);`;
  const weight = (n: number, s: number): string =>
    `let b = subgroupMatrixLoad<subgroup_matrix_right<${operand}, ${shape.N}, ${shape.K}>, col_major>(&staged, (${rows}u + columnOf + ${n * shape.N}u) * ${stride}u + ${s * group}u, ${stride}u);`;
  const add = (m: number, n: number): string =>
    `sum${m}_${n} = subgroupMatrixMultiplyAccumulate(a${m}, b, sum${m}_${n});`;
  return lines(
    range((16 * depth) / shape.K).map(
      (s) => `{
        ${lines(high.map((m) => input(m, s)))}
        ${lines(wide.map((n) => `{ ${weight(n, s)} ${lines(high.map((m) => add(m, n)))} }`))}
      }`,
    ),
  );
}

/** What an invocation stages of a round: how it is declared, read and put into place. */
function staging(tile: MatrixTile) {
  const { rows, columns, depth } = tile;
  const stride = strideOf(tile);
  const step = invocationsOf(tile) / depth;
  const inputs = range((rows * depth) / invocationsOf(tile)).map((i) => ({
    name: `input${i}`,
    from: `codes[inputFrom + inputAt${i}]`,
    to: i * step * stride,
  }));
  const weights = range((columns * depth) / invocationsOf(tile)).map((i) => ({
    name: `weight${i}`,
    from: `weights[weightFrom + ${i * step}u * lines]`,
    to: (rows + i * step) * stride,
  }));
  const all = [...inputs, ...weights];
  return {
    declare: lines(all.map(({ name }) => `var ${name}: vec4<u32>;`)),
    read: lines(all.map(({ name, from }) => `${name} = ${from};`)),
    put: lines(all.map(({ name, to }) => `staged[stagedAt + ${to}u] = ${name};`)),
  };
}

/**
 * Adds the products of a row part to the sums, sweep after sweep. What a round stages is read while
 * the round before it computes, also over the ends of sweeps.
 */
function sum(tile: MatrixTile, operand: Operand8, sweeps: readonly Sweep[]): string {
  const { depth } = tile;
  const { declare, read, put } = staging(tile);
  const factor = operand === "i8" ? "256i" : "256u";
  const shift = fragmentsOf(tile).grid.map(
    (at) => `sum${at} = subgroupMatrixScalarMultiply(sum${at}, ${factor});`,
  );
  const loop = (own: Sweep, next: Sweep): string => `${own.shifts ? lines(shift) : ""}
    for (var line = begin; line < end; line += ${depth}u) {
      ${put}
      workgroupBarrier();
      let isLast = line + ${depth}u == end;
      let at = select(line + ${depth}u, begin, isLast);
      let inputFrom = select(${own.input}u, ${next.input}u, isLast) * inputPlane + at;
      let weightFrom = select(${own.weight}u, ${next.weight}u, isLast) * weightPlane + columnLine + at;
      ${read}
      ${multiply(tile, operand)}
      workgroupBarrier();
    }`;
  return `
    ${declare}
    {
      let inputFrom = ${sweeps[0]!.input}u * inputPlane + begin;
      let weightFrom = ${sweeps[0]!.weight}u * weightPlane + columnLine + begin;
      ${read}
    }
    ${sweeps.map((own, i) => loop(own, sweeps[i + 1] ?? own)).join("\n    ")}`;
}

/** Where an invocation stages, and where its subgroup's share of the tile begins. */
function beginShares(tile: MatrixTile): string {
  const { rows, columns, down, across, depth } = tile;
  const step = invocationsOf(tile) / depth;
  return `
  let subgroup = id / ${SUBGROUP}u;
  let rowOf = (subgroup / ${across}u) * ${rows / down}u;
  let columnOf = (subgroup % ${across}u) * ${columns / across}u;
  let stagedAt = (id / ${depth}u) * ${strideOf(tile)}u + id % ${depth}u;
  let columnLine = weightAt + (columnAt + id / ${depth}u) * lines + id % ${depth}u;
  ${range((rows * depth) / invocationsOf(tile))
    .map(
      // Rows behind the last one of the tile repeat it; their results are not stored.
      (i) =>
        `let inputAt${i} = min(tile.y + id / ${depth}u + ${i * step}u, tile.z - 1u) * lines + id % ${depth}u;`,
    )
    .join("\n  ")}`;
}

const declareSums = (tile: MatrixTile, result: "i32" | "u32"): string =>
  fragmentsOf(tile)
    .grid.map(
      (at) =>
        `var sum${at} = subgroup_matrix_result<${result}, ${tile.shape.N}, ${tile.shape.M}>();`,
    )
    .join("\n    ");

/** The sums of a row part into workgroup memory, for all to read. */
function sumPart(tile: MatrixTile): string {
  const { shape } = tile;
  const stride = sumStrideOf(tile);
  const { high, wide } = fragmentsOf(tile);
  const store = high.flatMap((m) =>
    wide.map(
      (n) =>
        `subgroupMatrixStore<row_major>(&staged, (rowOf + ${m * shape.M}u) * ${stride}u + columnOf / 4u + ${(n * shape.N) / 4}u, sum${m}_${n}, ${stride}u);`,
    ),
  );
  return `${declareSums(tile, "i32")}
    ${sum(tile, "i8", twoPlanes(0))}
    ${lines(store)}
    workgroupBarrier();`;
}

/** Eight rows of four columns each are read at a time: no two of a subgroup in the same bank. */
function unitsOf(tile: MatrixTile): Units {
  const down = (8 * invocationsOf(tile)) / SUBGROUP / (tile.columns / 16);
  const rowOf = (u: string): string => `(unitRow + ${u} * ${down}u)`;
  const read = (u: string, c: number): string =>
    `staged[${rowOf(u)} * ${sumStrideOf(tile)}u + own / 4u + ${c}u][own & 3u]`;
  return {
    ...{ lacks: true, each: (tile.rows * tile.columns) / 4 / invocationsOf(tile), rowOf },
    sumsOf: (u) =>
      `bitcast<vec4<i32>>(vec4<u32>(${range(4)
        .map((c) => read(u, c))
        .join(", ")}))`,
  };
}

const head = (vectors: number): string => `enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
${SHAPE}${PLAN}${productBindings()}
var<workgroup> staged: array<vec4<u32>, ${vectors}>;`;

const main = (tile: MatrixTile): string => `
@compute @workgroup_size(${invocationsOf(tile)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  ${beginTile(tile.columns)}${BEGIN_PLANES}
  ${beginShares(tile)}`;

/** @param hasExtras see `analogShader` */
export function analogMatrixShader(tile: MatrixTile, hasExtras: boolean): string {
  const units = unitsOf(tile);
  const groups = tile.columns / 16;
  return `${head(sharedVectors(tile))}
${OUTPUT_BINDINGS}
${RANDOM}
${outputSide(hasExtras)}
${main(tile)}
  ${BEGIN_COLUMNS}
  let own = (subgroup % ${groups}u) * 16u + (id & 3u);
  let unitRow = (subgroup / ${groups}u) * 8u + ((id >> 2u) & 7u);
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${beginUnits(units)}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${BEGIN_PART}
    ${sumPart(tile)}
    ${finishPart(units, tile.rows)}
    workgroupBarrier();
  }
  ${storeUnits(units)}
}
${STORE}`;
}

/** Sums of other planes, [tile][row][row part][column]; see `extraSumsShader`. */
export function extraMatrixShader(
  tile: MatrixTile,
  sweeps: readonly Sweep[],
  isSigned: boolean,
): string {
  const { rows, shape } = tile;
  const [operand, result] = isSigned ? (["i8", "i32"] as const) : (["u8", "u32"] as const);
  const { high, wide } = fragmentsOf(tile);
  const store = high.flatMap((m) =>
    wide.map(
      (n) =>
        `subgroupMatrixStore<row_major>(&sums, first + ${m * shape.M}u * stride + ${n * shape.N}u, sum${m}_${n}, stride);`,
    ),
  );
  return `${head(stagedVectors(tile))}
${sumsBinding(result)}
${main(tile)}
  let stride = shape.rowParts * shape.paddedOutputs;
  for (var p = 0u; p < shape.rowParts; p++) {
    ${BEGIN_PART}
    ${declareSums(tile, result)}
    ${sum(tile, operand, sweeps)}
    let first = shape.sumsAt + (${extraSlot(rows, "rowOf")} + p) * shape.paddedOutputs + columnAt + columnOf;
    ${lines(store)}
  }
}`;
}
