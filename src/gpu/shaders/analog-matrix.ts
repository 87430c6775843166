/** The analog product by matrix instructions of a subgroup: the same integers, several times as fast. */
import type { MatrixShape } from "../context.ts";
import { SHAPE } from "./analog.ts";
import {
  BEGIN_COLUMNS,
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
  unitMemory,
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
  /** Both planes of the weights in one go, or one after the other into the same sums. */
  readonly planes: "together" | "in turn";
  /** What is staged next is read ahead into registers, or when it is needed. */
  readonly fetch: "ahead" | "direct";
  readonly kept: Units["kept"];
}

/** Invocations of a subgroup that the tiles are made for. */
export const SUBGROUP = 32;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join("\n      ");

const invocationsOf = ({ down, across }: MatrixTile): number => SUBGROUP * down * across;
/** One group more than there is: rows then begin in different banks. */
const strideOf = ({ depth }: MatrixTile): number => depth + 1;
const sumStrideOf = ({ columns }: MatrixTile): number => columns / 4 + 1;

/** Vectors of workgroup memory that inputs and weights, and later their sums, take. */
function sharedVectors(tile: MatrixTile): number {
  const planes = tile.planes === "together" ? 2 : 1;
  const staged = strideOf(tile) * (tile.rows + planes * tile.columns);
  return Math.max(staged, planes * tile.rows * sumStrideOf(tile));
}

/** Workgroup memory that a tile takes. */
export const matrixMemory_B = (tile: MatrixTile): number =>
  16 * sharedVectors(tile) + (tile.kept === "workgroup" ? 4 * tile.rows * tile.columns : 0);

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

/** Accumulators and what they sum. */
interface Sum {
  readonly name: string;
  readonly weight: number;
}
type Operand8 = "i8" | "u8";

/** Shares of a subgroup: fragments down and across. */
function fragmentsOf({ rows, columns, down, across, shape }: MatrixTile) {
  const high = range(rows / down / shape.M);
  const wide = range(columns / across / shape.N);
  return { high, wide, grid: high.flatMap((m) => wide.map((n) => `${m}_${n}`)) };
}

/** One staged step: fragments from workgroup memory, and their products. */
function multiply(tile: MatrixTile, operand: Operand8, sums: readonly Sum[]): string {
  const { rows, columns, depth, shape } = tile;
  const stride = strideOf(tile);
  const { high, wide } = fragmentsOf(tile);
  const group = shape.K / 16;
  const input = (m: number, s: number): string =>
    `let a${m} = subgroupMatrixLoad<subgroup_matrix_left<${operand}, ${shape.K}, ${shape.M}>, row_major>(&staged, (rowOf + ${m * shape.M}u) * ${stride}u + ${s * group}u, ${stride}u);`;
  const weight = (i: number, n: number, s: number): string =>
    `let b${i} = subgroupMatrixLoad<subgroup_matrix_right<${operand}, ${shape.N}, ${shape.K}>, col_major>(&staged, (${rows + i * columns}u + columnOf + ${n * shape.N}u) * ${stride}u + ${s * group}u, ${stride}u);`;
  return lines(
    range((16 * depth) / shape.K).map(
      (s) => `{
        ${lines(high.map((m) => input(m, s)))}
        ${lines(
          wide.map(
            (n) => `{
          ${lines(sums.map((_, i) => weight(i, n, s)))}
          ${lines(high.flatMap((m) => sums.map(({ name }, i) => `${name}${m}_${n} = subgroupMatrixMultiplyAccumulate(a${m}, b${i}, ${name}${m}_${n});`)))}
        }`,
          ),
        )}
      }`,
    ),
  );
}

/** Adds the products of a row part, begin to end, of one plane of inputs. */
function accumulate(tile: MatrixTile, operand: Operand8, input: number, sums: readonly Sum[]) {
  const { rows, columns, depth, fetch } = tile;
  const stride = strideOf(tile);
  const step = invocationsOf(tile) / depth;
  const inputs = range((rows * depth) / invocationsOf(tile));
  const weights = range((columns * depth) / invocationsOf(tile));
  const each = (text: (name: string, from: string, to: string) => string): string =>
    lines([
      ...inputs.map((i) =>
        text(
          `input${i}`,
          `codes[${input}u * inputPlane + inputAt${i} + at]`,
          `${i * step * stride}u`,
        ),
      ),
      ...sums.flatMap(({ weight }, s) =>
        weights.map((i) =>
          text(
            `weight${s}_${i}`,
            `weights[columnLine + ${weight}u * weightPlane + ${i * step}u * lines + at]`,
            `${(rows + s * columns + i * step) * stride}u`,
          ),
        ),
      ),
    ]);
  const place = (name: string, to: string): string => `staged[stagedAt + ${to}] = ${name};`;
  const rounds = `for (var line = begin; line < end; line += ${depth}u) {`;
  if (fetch === "direct")
    return `${rounds}
      let at = line;
      ${each((_, from, to) => place(from, to))}
      workgroupBarrier();
      ${multiply(tile, operand, sums)}
      workgroupBarrier();
    }`;
  return `{
    var at = begin;
    ${each((name, from) => `var ${name} = ${from};`)}
    ${rounds}
      ${each((name, _, to) => place(name, to))}
      workgroupBarrier();
      // What the next round stages is on its way while this one computes.
      at = min(line + ${depth}u, end - ${depth}u);
      ${each((name, from) => `${name} = ${from};`)}
      ${multiply(tile, operand, sums)}
      workgroupBarrier();
    }
    }`;
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

const BEGIN_PART = `
    let begin = tables[shape.rowTable + 4u * p] / 4u;
    let end = begin + tables[shape.rowTable + 4u * p + 1u] / 4u;`;

const declare = (tile: MatrixTile, names: readonly string[], result: "i32" | "u32"): string =>
  fragmentsOf(tile)
    .grid.flatMap((at) =>
      names.map(
        (name) =>
          `var ${name}${at} = subgroup_matrix_result<${result}, ${tile.shape.N}, ${tile.shape.M}>();`,
      ),
    )
    .join("\n    ");

const shift = (tile: MatrixTile, name: string, result: "i32" | "u32"): string =>
  fragmentsOf(tile)
    .grid.map(
      (at) =>
        `${name}${at} = subgroupMatrixScalarMultiply(${name}${at}, ${result === "i32" ? "256i" : "256u"});`,
    )
    .join("\n    ");

/** One sweep after the other into the same accumulators. */
const inTurn = (tile: MatrixTile, sweeps: readonly Sweep[], operand: Operand8): string =>
  sweeps
    .map(
      ({ input, weight, shifts }) => `
    ${shifts ? shift(tile, "sum", operand === "i8" ? "i32" : "u32") : ""}
    ${accumulate(tile, operand, input, [{ name: "sum", weight }])}`,
    )
    .join("");

/** The sums of a row part into workgroup memory. */
function sumPart(tile: MatrixTile): string {
  const { rows, planes, shape } = tile;
  const together = planes === "together";
  const names = together ? ["high", "low"] : ["sum"];
  const stride = sumStrideOf(tile);
  const both = [
    { name: "high", weight: 0 },
    { name: "low", weight: 1 },
  ];
  const { high, wide } = fragmentsOf(tile);
  const store = names.flatMap((name, i) =>
    high.flatMap((m) =>
      wide.map(
        (n) =>
          `subgroupMatrixStore<row_major>(&staged, (rowOf + ${i * rows + m * shape.M}u) * ${stride}u + columnOf / 4u + ${(n * shape.N) / 4}u, ${name}${m}_${n}, ${stride}u);`,
      ),
    ),
  );
  return `${declare(tile, names, "i32")}
    ${together ? accumulate(tile, "i8", 0, both) : inTurn(tile, twoPlanes(0), "i8")}
    ${lines(store)}
    workgroupBarrier();`;
}

/** Eight rows of four columns each are read at a time: no two of a subgroup in the same bank. */
function unitsOf(tile: MatrixTile): Units {
  const { rows, columns, planes, kept } = tile;
  const invocations = invocationsOf(tile);
  const down = (8 * invocations) / SUBGROUP / (columns / 16);
  const stride = sumStrideOf(tile);
  const read = (plane: number, u: string): string => {
    const at = `(${plane * rows}u + unitRow + ${u} * ${down}u) * ${stride}u + own / 4u`;
    return `vec4<u32>(${range(4)
      .map((c) => `staged[${at} + ${c}u][own & 3u]`)
      .join(", ")})`;
  };
  return {
    ...{ invocations, kept },
    each: (rows * columns) / 4 / invocations,
    rowOf: (u) => `(unitRow + ${u} * ${down}u)`,
    lacks: true,
    sumsOf: (u) =>
      `bitcast<vec4<i32>>(${planes === "together" ? `(${read(0, u)} << vec4<u32>(8u)) + ${read(1, u)}` : read(0, u)})`,
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
${unitMemory(units)}
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
  const { rows, columns, shape } = tile;
  const [operand, result] = isSigned ? (["i8", "i32"] as const) : (["u8", "u32"] as const);
  const { high, wide } = fragmentsOf(tile);
  const store = high.flatMap((m) =>
    wide.map(
      (n) =>
        `subgroupMatrixStore<row_major>(&sums, first + ${m * shape.M}u * stride + ${n * shape.N}u, sum${m}_${n}, stride);`,
    ),
  );
  return `${head(strideOf(tile) * (rows + columns))}
${sumsBinding(result)}
${main(tile)}
  let stride = shape.rowParts * shape.paddedOutputs;
  for (var p = 0u; p < shape.rowParts; p++) {
    ${BEGIN_PART}
    ${declare(tile, ["sum"], result)}
    ${inTurn(tile, sweeps, operand)}
    let first = shape.sumsAt + (${extraSlot(rows, "rowOf")} + p) * shape.paddedOutputs + columnAt + columnOf;
    ${lines(store)}
  }
}`;
}
