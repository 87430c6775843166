/**
 * Grouped products on crossbars in 32 bits a number: where packed 8-bit dot products are missing,
 * where codes of inputs are no signed bytes, and where there is no integer format at all.
 *
 * `i32` sums whole numbers exactly, as every engine does in the format `int`. `f32` sums input codes
 * times weights as they are, as `reference.ts` does, in rising order of inputs; compilers may
 * contract a product and a sum, so the last bits may differ where products are not whole numbers.
 */
import { type DotTile, SHAPE } from "./analog.ts";
import {
  BEGIN_COLUMNS,
  beginTile,
  beginUnits,
  extraSlot,
  finishPart,
  OUTPUT_BINDINGS,
  outputSide,
  productBindings,
  STORE,
  type SumType,
  storeUnits,
  sumsBinding,
  type Units,
} from "./output-side.ts";
import { RANDOM } from "./random.ts";
import type { Operand } from "./sweeps.ts";
import { PLAN } from "./tables.ts";

/** Inputs that a tile holds at a time; divides what layouts pad to. */
const DEPTH = 16;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** What a staged input or weight becomes in the sum of an operand. */
const OPERANDS: Readonly<Record<Operand, { readonly input: string; readonly weight: string }>> = {
  codes: { input: "v", weight: "v" },
  magnitudes: { input: "abs(v)", weight: "abs(v)" },
  squares: { input: "v * v", weight: "abs(v)" },
};

/** Staging of the next inputs and weights, transposed: [input][quad of rows or columns]. */
function frame({ rows, columns, rowsEach }: DotTile, type: SumType, operand: Operand): string {
  const invocations = (rows / rowsEach) * (columns / 4);
  const { input, weight } = OPERANDS[operand];
  const [rowQuads, columnQuads] = [rows / 4, columns / 4];
  const store = (array: string, quad: string, quads: number, lane: string): string =>
    range(4)
      .map((c) => `${array}[${quad} + ${c * quads}u][${lane}] = own.${"xyzw"[c]};`)
      .join("\n    ");
  return `
var<workgroup> stagedInputs: array<vec4<${type}>, ${DEPTH * rowQuads}>;
var<workgroup> stagedWeights: array<vec4<${type}>, ${DEPTH * columnQuads}>;
fn ofInput(v: vec4<${type}>) -> vec4<${type}> { return ${input}; }
fn ofWeight(v: vec4<${type}>) -> vec4<${type}> { return ${weight}; }
fn stage(id: u32, first: u32, end: u32, weightAt: u32, word: u32) {
  for (var i = id; i < ${(rows * DEPTH) / 4}u; i += ${invocations}u) {
    let row = i / ${DEPTH / 4}u;
    let at = i % ${DEPTH / 4}u;
    var own = vec4<${type}>();
    if (first + row < end) { own = ofInput(codes[(first + row) * shape.words + word + at]); }
    let quad = 4u * at * ${rowQuads}u + (row >> 2u);
    ${store("stagedInputs", "quad", rowQuads, "row & 3u")}
  }
  for (var i = id; i < ${(columns * DEPTH) / 4}u; i += ${invocations}u) {
    let column = i / ${DEPTH / 4}u;
    let at = i % ${DEPTH / 4}u;
    let own = ofWeight(weights[weightAt + column * shape.words + word + at]);
    let quad = 4u * at * ${columnQuads}u + (column >> 4u) * 4u + (column & 3u);
    let lane = (column >> 2u) & 3u;
    ${store("stagedWeights", "quad", columnQuads, "lane")}
  }
}`;
}

/** The row parts of a tile; `finish` comes once the sums s of a row part are there. */
function body(tile: DotTile, type: SumType, finish: string): string {
  const { rows, columns, rowsEach } = tile;
  const load = range(rowsEach / 4)
    .map((q) => `let a${q} = stagedInputs[k * ${rows / 4}u + ty * ${rowsEach / 4}u + ${q}u];`)
    .join("\n      ");
  const add = range(rowsEach)
    .map((r) => `s${r} += vec4<${type}>(a${r >> 2}.${"xyzw"[r & 3]}) * b;`)
    .join("\n      ");
  return `
  for (var p = 0u; p < shape.rowParts; p++) {
    ${range(rowsEach)
      .map((r) => `var s${r} = vec4<${type}>();`)
      .join(" ")}
    let wordBegin = tables[shape.rowTable + 4u * p];
    let wordEnd = wordBegin + tables[shape.rowTable + 4u * p + 1u];
    for (var w = wordBegin; w < wordEnd; w += ${DEPTH / 4}u) {
      stage(id, tile.y, tile.z, weightAt, w);
      workgroupBarrier();
      for (var k = 0u; k < ${DEPTH}u; k++) {
      ${load}
      let b = stagedWeights[k * ${columns / 4}u + tx];
      ${add}
      }
      workgroupBarrier();
    }
    ${finish}
  }`;
}

const main = ({ rows, columns, rowsEach }: DotTile): string => `
@compute @workgroup_size(${(rows / rowsEach) * (columns / 4)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  ${beginTile(columns)}
  let tx = id % ${columns / 4}u;
  let ty = id / ${columns / 4}u;
  let weightAt = (matrix * shape.paddedOutputs + columnAt) * shape.words;
  let own = (tx >> 2u) * 16u + (tx & 3u);
`;

/** Raw sums of an operand with its weights. [tile][row][row part][column] */
export function plainSumsShader(tile: DotTile, type: SumType, operand: Operand): string {
  const { rows, rowsEach } = tile;
  const store = (r: number): string => `{
      let at = shape.sumsAt + (${extraSlot(rows, `(ty * ${rowsEach}u + ${r}u)`)} + p) * shape.paddedOutputs + columnAt + own;
      sums[at] = s${r}.x; sums[at + 4u] = s${r}.y; sums[at + 8u] = s${r}.z; sums[at + 12u] = s${r}.w;
    }`;
  return `${SHAPE}${PLAN}
${productBindings(type)}${sumsBinding(type)}
${frame(tile, type, operand)}
${main(tile)}
${body(tile, type, range(rowsEach).map(store).join("\n    "))}
}`;
}

/** As `analogShader`. */
export function plainShader(tile: DotTile, type: SumType, hasExtras: boolean): string {
  const { rows, rowsEach } = tile;
  const units: Units = {
    each: rowsEach,
    rowOf: (u) => `(ty * ${rowsEach}u + ${u})`,
    sumsOf: (u) => `s${Number.parseInt(u, 10)}`,
    lacks: false,
  };
  return `${SHAPE}${PLAN}
${productBindings(type)}${OUTPUT_BINDINGS}${RANDOM}
${outputSide(hasExtras, type)}
${frame(tile, type, "codes")}
${main(tile)}
  ${BEGIN_COLUMNS}
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${beginUnits(units)}
  ${body(tile, type, finishPart(units, rows, type))}
  ${storeUnits(units)}
}
${STORE}`;
}
