/** Grouped products on crossbars: exact integer sums tile by tile, then noise, ADC and scaling. */
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
import type { Sweep } from "./sweeps.ts";
import { PLAN } from "./tables.ts";

export interface DotTile {
  /** Rows (tokens) and columns (outputs) of a workgroup's tile; rows of one invocation. */
  readonly rows: number;
  readonly columns: number;
  readonly rowsEach: number;
  /** Input words (of four codes) that are staged at a time; row parts are padded to them. */
  readonly words: number;
  /** The steps of a staged tile are written out, which takes a compiler longer and runs faster. */
  readonly unrolled: boolean;
}

/** Parameters of a product; `shapeWords` writes them. */
export const SHAPE = /* wgsl */ `
struct Shape {
  words: u32, rowParts: u32, colParts: u32, paddedOutputs: u32,
  outputs: u32, tilesAt: u32, slotsAt: u32, idsAt: u32,
  rowTable: u32, columnTable: u32, constantStride: u32, scaleAt: u32,
  accumulate: u32, extras: u32, rowIdsAt: u32, slots: u32,
  sigma: f32, variance: f32, levels: f32, bound: f32,
  perValue: f32, step: f32, irDrop: f32, inputLevels: f32,
  inputs: u32, gather: u32, groupsAt: u32, rowsAt: u32,
  readNoise: u32, partWords: u32, sumsAt: u32, sumsPlane: u32,
}
`;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join("\n      ");

const invocationsOf = ({ rows, columns, rowsEach }: DotTile): number =>
  (rows / rowsEach) * (columns / 4);
/** Vectors of a step's staged inputs or weights; one more than there are, for the banks' sake. */
const quads = (count: number): number => count / 4 + 1;

/** Staged inputs, and weights of one or two planes. */
const stagedVectors = ({ rows, columns, words }: DotTile, planes: number): number =>
  words * (quads(rows) + planes * quads(columns));

/** Workgroup memory that a tile takes. */
export const dotMemory_B = (tile: DotTile): number => 16 * stagedVectors(tile, 2);

/** Whether the tile divides among its invocations. */
export function isDotTile(tile: DotTile): boolean {
  const { rows, columns, rowsEach, words } = tile;
  const invocations = invocationsOf(tile);
  return [
    rowsEach / 4,
    rows / rowsEach,
    columns / 16,
    words / 4,
    (rows * words) / 4 / invocations,
    (columns * words) / 4 / invocations,
    invocations / (words / 4),
  ].every(Number.isInteger);
}

/** Accumulators of an invocation's rows, one vec4 of four columns each, and what they sum. */
interface Sum {
  readonly name: string;
  readonly weight: number;
}

/** One step of four inputs: every row of the invocation by its four columns. */
function step(tile: DotTile, dot: string, sums: readonly Sum[]): string {
  const { rows, columns, rowsEach, words } = tile;
  const weightsAt = (s: number): string => `${words * (quads(rows) + s * quads(columns))}u`;
  const products = (r: number, { name }: Sum, s: number): string =>
    `${name}${r} += vec4<u32>(${["x", "y", "z", "w"].map((c) => `u32(${dot}(a${r >> 2}.${"xyzw"[r & 3]}, b${s}.${c}))`).join(", ")});`;
  return lines([
    ...range(rowsEach / 4).map(
      (q) => `let a${q} = staged[k * ${quads(rows)}u + ty * ${rowsEach / 4}u + ${q}u];`,
    ),
    ...sums.map((_, s) => `let b${s} = staged[${weightsAt(s)} + k * ${quads(columns)}u + tx];`),
    ...range(rowsEach).flatMap((r) => sums.map((sum, s) => products(r, sum, s))),
  ]);
}

/** Four words of a row or column to its place in four steps; columns of an invocation are 4 apart. */
function place(name: string, first: number, count: number, to: string, isColumn: boolean): string {
  const quad = isColumn ? `(${to} >> 4u) * 4u + (${to} & 3u)` : `(${to} >> 2u)`;
  const lane = isColumn ? `(${to} >> 2u) & 3u` : `${to} & 3u`;
  return range(4)
    .map(
      (c) =>
        `staged[${first}u + (4u * wordOf + ${c}u) * ${quads(count)}u + ${quad}][${lane}] = ${name}.${"xyzw"[c]};`,
    )
    .join(" ");
}

/** Adds the products of a row part, begin to end, of one plane of inputs. */
function accumulate(tile: DotTile, dot: string, input: number, sums: readonly Sum[]): string {
  const { rows, columns, words, unrolled } = tile;
  const invocations = invocationsOf(tile);
  const apart = invocations / (words / 4);
  const each = (text: (name: string, from: string, stage: (name: string) => string) => string) =>
    lines([
      ...range((rows * words) / 4 / invocations).map((i) =>
        text(`input${i}`, `codes[${input}u * inputPlane + inputAt${i} + at]`, (name) =>
          place(name, 0, rows, `(rowOf + ${i * apart}u)`, false),
        ),
      ),
      ...sums.flatMap(({ weight }, s) =>
        range((columns * words) / 4 / invocations).map((i) =>
          text(
            `weight${s}_${i}`,
            `weights[columnLine + ${weight}u * weightPlane + ${i * apart}u * lines + at]`,
            (name) =>
              place(
                name,
                words * (quads(rows) + s * quads(columns)),
                columns,
                `(rowOf + ${i * apart}u)`,
                true,
              ),
          ),
        ),
      ),
    ]);
  const compute = unrolled
    ? range(words)
        .map((k) => `{ const k = ${k}u; ${step(tile, dot, sums)} }`)
        .join("\n")
    : `for (var k = 0u; k < ${words}u; k++) { ${step(tile, dot, sums)} }`;
  const rounds = `for (var line = begin; line < end; line += ${words / 4}u) {`;
  return `{
    var at = begin;
    ${each((name, from) => `var ${name} = ${from};`)}
    ${rounds}
      ${each((name, _, stage) => stage(name))}
      workgroupBarrier();
      // What the next round stages is on its way while this one computes.
      at = min(line + ${words / 4}u, end - ${words / 4}u);
      ${each((name, from) => `${name} = ${from};`)}
      ${compute}
      workgroupBarrier();
    }
    }`;
}

const declare = ({ rowsEach }: DotTile, name: string): string =>
  range(rowsEach)
    .map((r) => `var ${name}${r} = vec4<u32>();`)
    .join("\n    ");

/** One sweep after the other into the same accumulators. */
const inTurn = (tile: DotTile, sweeps: readonly Sweep[], dot: string): string => `
    ${declare(tile, "sum")}
    ${sweeps
      .map(
        ({ input, weight, shifts }) => `
    ${
      shifts
        ? range(tile.rowsEach)
            .map((r) => `sum${r} = sum${r} << vec4<u32>(8u);`)
            .join(" ")
        : ""
    }
    ${accumulate(tile, dot, input, [{ name: "sum", weight }])}`,
      )
      .join("")}`;

/** The sums of a row part, as `sum0` and so on. */
function sumPart(tile: DotTile): string {
  const both = [
    { name: "high", weight: 0 },
    { name: "low", weight: 1 },
  ];
  return `${declare(tile, "high")}
    ${declare(tile, "low")}
    ${accumulate(tile, "dot4I8Packed", 0, both)}
    ${range(tile.rowsEach)
      .map((r) => `let sum${r} = (high${r} << vec4<u32>(8u)) + low${r};`)
      .join("\n    ")}`;
}

const unitsOf = ({ rowsEach }: DotTile): Units => ({
  ...{ each: rowsEach, lacks: true },
  rowOf: (u) => `(ty * ${rowsEach}u + ${u})`,
  sumsOf: (u) => `bitcast<vec4<i32>>(sum${Number.parseInt(u, 10)})`,
});

const head = (vectors: number): string => `${SHAPE}${PLAN}${productBindings()}
var<workgroup> staged: array<vec4<u32>, ${vectors}>;`;

function main(tile: DotTile): string {
  const { rows, columns, words } = tile;
  const invocations = invocationsOf(tile);
  const perRow = words / 4;
  return `
@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  ${beginTile(columns)}${BEGIN_PLANES}
  let tx = id % ${columns / 4}u;
  let ty = id / ${columns / 4}u;
  let own = (tx >> 2u) * 16u + (tx & 3u);
  let rowOf = id / ${perRow}u;
  let wordOf = id % ${perRow}u;
  let columnLine = weightAt + (columnAt + rowOf) * lines + wordOf;
  ${range((rows * perRow) / invocations)
    .map(
      // Rows behind the last one of the tile repeat it; their results are not stored.
      (i) =>
        `let inputAt${i} = min(tile.y + rowOf + ${i * (invocations / perRow)}u, tile.z - 1u) * lines + wordOf;`,
    )
    .join("\n  ")}`;
}

/**
 * Raw sums of other planes with theirs, without the low plane's offset: what IR drop and read noise
 * need. [tile][row][row part][column]
 */
export function extraSumsShader(
  tile: DotTile,
  sweeps: readonly Sweep[],
  isSigned: boolean,
): string {
  const dot = isSigned ? "dot4I8Packed" : "dot4U8Packed";
  return `${head(stagedVectors(tile, 1))}
${sumsBinding()}
${main(tile)}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${BEGIN_PART}
    ${inTurn(tile, sweeps, dot)}
    ${range(tile.rowsEach)
      .map(
        (r) => `{
      let at = shape.sumsAt + (${extraSlot(tile.rows, `(ty * ${tile.rowsEach}u + ${r}u)`)} + p) * shape.paddedOutputs + columnAt + own;
      let sum = bitcast<vec4<i32>>(sum${r});
      sums[at] = sum.x; sums[at + 4u] = sum.y; sums[at + 8u] = sum.z; sums[at + 12u] = sum.w;
    }`,
      )
      .join("\n    ")}
  }
}`;
}

/** y[slot] of every group of slots: all row parts of a matrix, one after the other. */
export function analogShader(tile: DotTile, hasExtras: boolean): string {
  const units = unitsOf(tile);
  return `${head(stagedVectors(tile, 2))}
${OUTPUT_BINDINGS}
${RANDOM}
${outputSide(hasExtras)}
${main(tile)}
  ${BEGIN_COLUMNS}
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${beginUnits(units)}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${BEGIN_PART}
    ${sumPart(tile)}
    ${finishPart(units, tile.rows)}
  }
  ${storeUnits(units)}
}
${STORE}`;
}
