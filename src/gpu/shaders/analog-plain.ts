/**
 * Grouped products on crossbars in 32 bits a number: where packed 8-bit dot products are missing,
 * where codes of inputs are no signed bytes, and where there is no integer format at all.
 *
 * `i32` sums whole numbers exactly, as every engine does in the format `int`. `f32` sums input codes
 * times weights as they are, as `reference.ts` does, in rising order of inputs; compilers may
 * contract a product and a sum, so the last bits may differ where products are not whole numbers.
 */
import { type DotTile, type Operand, SHAPE } from "./analog.ts";
import { extraBinding, outputSide, STORE, type SumType } from "./output-side.ts";
import { RANDOM } from "./random.ts";
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

const bindings = (type: SumType, more: string): string => `
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> codes: array<vec4<${type}>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<${type}>>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> plan: array<u32>;
${more}
`;

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

/** The body of a tile; `each` sees a row's number once the sums s of a row part are there. */
function body(tile: DotTile, type: SumType, each: (r: number) => string): string {
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
    ${range(rowsEach).map(each).join("\n    ")}
  }`;
}

const main = ({ rows, columns, rowsEach }: DotTile): string => `
@compute @workgroup_size(${(rows / rowsEach) * (columns / 4)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let id = local.x;
  let tx = id % ${columns / 4}u;
  let ty = id / ${columns / 4}u;
  let tile = tileAt(shape.tilesAt, group.y);
  let matrix = tables[shape.slotsAt + tile.x];
  if (group.y >= plan[0] || matrix == NONE) { return; }
  let columnAt = group.x * ${columns}u;
  let weightAt = (matrix * shape.paddedOutputs + columnAt) * shape.words;
  let own = (tx >> 2u) * 16u + (tx & 3u);
  let firstRow = tile.y + ty * ${rowsEach}u;
`;

/** Raw sums of an operand with its weights. [slot][part][column] */
export function plainSumsShader(tile: DotTile, type: SumType, operand: Operand): string {
  return `${SHAPE}${PLAN}
${bindings(type, `@group(0) @binding(6) var<storage, read_write> sums: array<${type}>;`)}
${frame(tile, type, operand)}
${main(tile)}
${body(
  tile,
  type,
  (r) => `if (firstRow + ${r}u < tile.z) {
      let at = shape.sumsAt + ((firstRow + ${r}u) * shape.rowParts + p) * shape.paddedOutputs + columnAt + own;
      sums[at] = s${r}.x; sums[at + 4u] = s${r}.y; sums[at + 8u] = s${r}.z; sums[at + 12u] = s${r}.w;
    }`,
)}
}`;
}

/** As `analogShader`. */
export function plainShader(tile: DotTile, type: SumType, hasExtras: boolean): string {
  const rows = range(tile.rowsEach);
  return `${SHAPE}${PLAN}${RANDOM}
${bindings(
  type,
  `
@group(0) @binding(5) var<storage, read> rowInfo: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read> constants: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
${extraBinding(hasExtras, type)}`,
)}
${frame(tile, type, "codes")}
${outputSide(type)}
${main(tile)}
  let part = tables[shape.columnTable + 4u * group.x];
  let realColumn = tables[shape.columnTable + 4u * group.x + 1u];
  let inPart = tables[shape.columnTable + 4u * group.x + 2u];
  let columnCount = tables[shape.columnTable + 4u * group.x + 3u];
  let constantAt = matrix * shape.constantStride;
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${rows.map((r) => `var y${r} = vec4<f32>();`).join("\n  ")}
  ${body(
    tile,
    type,
    (r) => `if (firstRow + ${r}u < tile.z) {
      let slot = firstRow + ${r}u;
      let full = bitcast<f32>(rowInfo[slot * shape.rowParts + p].x);
      if (full > 0.0) {
        let scaleAt = constantAt + shape.scaleAt + p * shape.paddedOutputs + columnAt + own;
        let scale = vec4<f32>(constants[scaleAt], constants[scaleAt + 4u], constants[scaleAt + 8u], constants[scaleAt + 12u]);
        let extraAt = (slot * shape.rowParts + p) * shape.paddedOutputs + columnAt + own;
        y${r} += (outputOf(s${r}, slot, p, part, matrix, constantAt, extraAt, counter) * full) * scale;
      }
    }`,
  )}
  ${rows.map((r) => `store(firstRow + ${r}u, tile.z, realColumn, own, columnCount, y${r});`).join("\n  ")}
}
${STORE}`;
}
