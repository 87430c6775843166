/**
 * Grouped products on crossbars: exact integer sums tile by tile, then noise, ADC and scaling.
 *
 * A weight code of 16 bits is two planes of 8: code = 256 high + low + 128 with low in -128..127, so
 * sum v code = 256 sum v high + sum v low + 128 sum v, all modulo 2^32; the total fits int32.
 */
import { extraBinding, OUTPUT_SIDE, STORE } from "./output-side.ts";
import { RANDOM } from "./random.ts";
import { PLAN } from "./tables.ts";

/** What goes into the sums beside the weights. */
export type Operand = "codes" | "magnitudes" | "squares";

export interface DotTile {
  /** Rows (tokens) and columns (outputs) of a workgroup's tile; rows of one invocation. */
  readonly rows: number;
  readonly columns: number;
  readonly rowsEach: number;
  /** The steps of a staged tile are written out, which takes a compiler longer and runs faster. */
  readonly unrolled?: boolean;
}

/** Input words (of four codes) that a tile holds at a time; layouts pad to it. */
export const TILE_WORDS = 8;

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
  readNoise: u32, firstSlot: u32, sumsAt: u32, spare: u32,
}
`;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Accumulators of an invocation's rows: one vec4 of four columns each. */
const declare = (name: string, rows: number): string =>
  range(rows)
    .map((r) => `var ${name}${r} = vec4<i32>();`)
    .join("\n");

const dots = (to: string, dot: string, a: string, b: string): string =>
  `${to} += vec4<i32>(${["x", "y", "z", "w"].map((c) => `i32(${dot}(${a}, ${b}.${c}))`).join(", ")});`;

/** One step of four inputs: every row of the invocation by its four columns. */
function step(operand: Operand, rowsEach: number): string {
  const rows = range(rowsEach);
  const load = (name: string, plane: number): string =>
    range(rowsEach / 4)
      .map(
        (q) =>
          `let ${name}${q} = stagedInputs[${plane}u * INPUT_PLANE + k * ROW_QUADS + ty * ${rowsEach / 4}u + ${q}u];`,
      )
      .join("\n");
  const a = (name: string, r: number): string => `${name}${r >> 2}.${"xyzw"[r & 3]}`;
  const weights = `let high = stagedWeights[k * COLUMN_QUADS + tx];
    let low = stagedWeights[WEIGHT_PLANE + k * COLUMN_QUADS + tx];`;
  const dot = operand === "codes" ? "dot4I8Packed" : "dot4U8Packed";
  if (operand !== "squares")
    return `${load("a", 0)}\n${weights}\n${rows
      .map(
        (r) => `${dots(`h${r}`, dot, a("a", r), "high")}\n${dots(`l${r}`, dot, a("a", r), "low")}`,
      )
      .join("\n")}`;
  return `${load("a", 0)}\n${load("b", 1)}\n${weights}\n${rows
    .map((r) =>
      [
        dots(`l${r}`, dot, a("a", r), "low"),
        dots(`h${r}`, dot, a("a", r), "high"),
        dots(`h${r}`, dot, a("b", r), "low"),
        dots(`t${r}`, dot, a("b", r), "high"),
      ].join("\n"),
    )
    .join("\n")}`;
}

/** The sum of row r from its planes. */
const joined = (operand: Operand, r: number): string =>
  operand === "codes"
    ? `(h${r} << vec4<u32>(8u)) + l${r} + vec4<i32>(128 * codeSum)`
    : operand === "magnitudes"
      ? `(h${r} << vec4<u32>(8u)) + l${r}`
      : `(t${r} << vec4<u32>(16u)) + (h${r} << vec4<u32>(8u)) + l${r}`;

/** How a word of four codes is staged. */
const STAGE: Readonly<Record<Operand, string>> = {
  codes: "stageInput(0u, at, row, word);",
  magnitudes:
    "stageInput(0u, at, row, vec4<u32>(absolute(word.x), absolute(word.y), absolute(word.z), absolute(word.w)));",
  squares: `let s0 = squares(word.x); let s1 = squares(word.y); let s2 = squares(word.z); let s3 = squares(word.w);
        stageInput(0u, at, row, vec4<u32>(s0.x, s1.x, s2.x, s3.x));
        stageInput(1u, at, row, vec4<u32>(s0.y, s1.y, s2.y, s3.y));`,
};

/** Constants and staging that all tiles share. */
function frame({ rows, columns, rowsEach }: DotTile, operand: Operand): string {
  const invocations = (rows / rowsEach) * (columns / 4);
  const planes = operand === "squares" ? 2 : 1;
  return `
const INVOCATIONS = ${invocations}u;
const ROW_QUADS = ${rows / 4}u;
const COLUMN_QUADS = ${columns / 4}u;
const INPUT_PLANE = ${(TILE_WORDS * rows) / 4}u;
const WEIGHT_PLANE = ${(TILE_WORDS * columns) / 4}u;
var<workgroup> stagedInputs: array<vec4<u32>, ${(planes * TILE_WORDS * rows) / 4}>;
var<workgroup> stagedWeights: array<vec4<u32>, ${(2 * TILE_WORDS * columns) / 4}>;

fn absolute(word: u32) -> u32 { return pack4xU8(vec4<u32>(abs(unpack4xI8(word)))); }
fn squares(word: u32) -> vec2<u32> {
  let v = unpack4xI8(word);
  let s = vec4<u32>(v * v);
  return vec2<u32>(pack4xU8(s & vec4<u32>(255u)), pack4xU8(s >> vec4<u32>(8u)));
}
fn stageInput(plane: u32, at: u32, row: u32, words: vec4<u32>) {
  let quad = plane * INPUT_PLANE + 4u * at * ROW_QUADS + (row >> 2u);
  stagedInputs[quad][row & 3u] = words.x;
  stagedInputs[quad + ROW_QUADS][row & 3u] = words.y;
  stagedInputs[quad + 2u * ROW_QUADS][row & 3u] = words.z;
  stagedInputs[quad + 3u * ROW_QUADS][row & 3u] = words.w;
}
fn stageWeight(plane: u32, at: u32, column: u32, words: vec4<u32>) {
  let quad = plane * WEIGHT_PLANE + 4u * at * COLUMN_QUADS + (column >> 4u) * 4u + (column & 3u);
  let lane = (column >> 2u) & 3u;
  stagedWeights[quad][lane] = words.x;
  stagedWeights[quad + COLUMN_QUADS][lane] = words.y;
  stagedWeights[quad + 2u * COLUMN_QUADS][lane] = words.z;
  stagedWeights[quad + 3u * COLUMN_QUADS][lane] = words.w;
}
fn stage(id: u32, first: u32, end: u32, weightAt: u32, columnAt: u32, wordAt: u32) {
  for (var i = id; i < ${(rows * TILE_WORDS) / 4}u; i += INVOCATIONS) {
    let row = i / ${TILE_WORDS / 4}u;
    let at = i % ${TILE_WORDS / 4}u;
    let slot = first + row;
    var word = vec4<u32>();
    if (slot < end) { word = codes[slot * (shape.words / 4u) + wordAt / 4u + at]; }
    ${STAGE[operand]}
  }
  for (var i = id; i < ${(2 * columns * TILE_WORDS) / 4}u; i += INVOCATIONS) {
    let at = i % ${TILE_WORDS / 4}u;
    let column = (i / ${TILE_WORDS / 4}u) % ${columns}u;
    let plane = i / ${(columns * TILE_WORDS) / 4}u;
    let base = weightAt + (plane * shape.paddedOutputs + columnAt + column) * (shape.words / 4u);
    stageWeight(plane, at, column, weights[base + wordAt / 4u + at]);
  }
}
`;
}

const begin = ({ rowsEach, columns }: DotTile): string => `
  let id = local.x;
  let tx = id % ${columns / 4}u;
  let ty = id / ${columns / 4}u;
  let tile = tileAt(shape.tilesAt, group.y);
  let matrix = tables[shape.slotsAt + tile.x];
  if (group.y >= plan[0] || matrix == NONE) { return; }
  let columnAt = group.x * ${columns}u;
  let part = tables[shape.columnTable + 4u * group.x];
  let realColumn = tables[shape.columnTable + 4u * group.x + 1u];
  let inPart = tables[shape.columnTable + 4u * group.x + 2u];
  let columnCount = tables[shape.columnTable + 4u * group.x + 3u];
  let weightAt = matrix * 2u * shape.paddedOutputs * (shape.words / 4u);
  let own = (tx >> 2u) * 16u + (tx & 3u);
  let firstRow = tile.y + ty * ${rowsEach}u;
`;

const product = (tile: DotTile, operand: Operand): string => `
    ${declare("h", tile.rowsEach)}
    ${declare("l", tile.rowsEach)}
    ${operand === "squares" ? declare("t", tile.rowsEach) : ""}
    let wordBegin = tables[shape.rowTable + 4u * p];
    let wordEnd = wordBegin + tables[shape.rowTable + 4u * p + 1u];
    for (var w = wordBegin; w < wordEnd; w += ${TILE_WORDS}u) {
      stage(id, tile.y, tile.z, weightAt, columnAt, w);
      workgroupBarrier();
      ${
        tile.unrolled
          ? range(TILE_WORDS)
              .map((k) => `{ const k = ${k}u; ${step(operand, tile.rowsEach)} }`)
              .join("\n")
          : `for (var k = 0u; k < ${TILE_WORDS}u; k++) { ${step(operand, tile.rowsEach)} }`
      }
      workgroupBarrier();
    }
`;

const bindings = (access: string): string => `
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> codes: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> plan: array<u32>;
${access}
`;

const main = ({ rows, columns, rowsEach }: DotTile): string => `
@compute @workgroup_size(${(rows / rowsEach) * (columns / 4)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {`;

/** Raw sums of an operand with its weights: what IR drop and read noise need. [slot][part][column] */
export function extraSumsShader(tile: DotTile, operand: Operand): string {
  const signed = operand === "codes";
  return `${SHAPE}${PLAN}
${bindings(`
${signed ? "@group(0) @binding(5) var<storage, read> rowInfo: array<vec2<u32>>;" : ""}
@group(0) @binding(6) var<storage, read_write> sums: array<i32>;`)}
${frame(tile, operand)}
${main(tile)}
  ${begin(tile)}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${product(tile, operand)}
    ${range(tile.rowsEach)
      .map(
        (r) => `if (firstRow + ${r}u < tile.z) {
      let slot = firstRow + ${r}u;
      ${signed ? "let codeSum = bitcast<i32>(rowInfo[slot * shape.rowParts + p].y);" : ""}
      let sum = ${joined(operand, r)};
      let at = shape.sumsAt + (slot * shape.rowParts + p) * shape.paddedOutputs + columnAt + own;
      sums[at] = sum.x; sums[at + 4u] = sum.y; sums[at + 8u] = sum.z; sums[at + 12u] = sum.w;
    }`,
      )
      .join("\n    ")}
  }
}`;
}

/** y[slot] of every group of slots: all row parts of a matrix, one after the other. */
export function analogShader(tile: DotTile, hasExtras: boolean): string {
  return `${SHAPE}${PLAN}${RANDOM}
${bindings(`
@group(0) @binding(5) var<storage, read> rowInfo: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read> constants: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
${extraBinding(hasExtras)}`)}
${frame(tile, "codes")}
${OUTPUT_SIDE}
${main(tile)}
  ${begin(tile)}
  let constantAt = matrix * shape.constantStride;
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${range(tile.rowsEach)
    .map((r) => `var y${r} = vec4<f32>();`)
    .join("\n  ")}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${product(tile, "codes")}
    let scaleAt = constantAt + shape.scaleAt + p * shape.paddedOutputs + columnAt + own;
    let scale = vec4<f32>(constants[scaleAt], constants[scaleAt + 4u], constants[scaleAt + 8u], constants[scaleAt + 12u]);
    ${range(tile.rowsEach)
      .map(
        (r) => `if (firstRow + ${r}u < tile.z) {
      let slot = firstRow + ${r}u;
      let info = rowInfo[slot * shape.rowParts + p];
      let full = bitcast<f32>(info.x);
      if (full > 0.0) {
        let codeSum = bitcast<i32>(info.y);
        let extraAt = (slot * shape.rowParts + p) * shape.paddedOutputs + columnAt + own;
        let value = outputOf(${joined("codes", r)}, slot, p, part, matrix, constantAt, extraAt, counter);
        y${r} += (value * full) * scale;
      }
    }`,
      )
      .join("\n    ")}
  }
  ${range(tile.rowsEach)
    .map((r) => `store(firstRow + ${r}u, tile.z, realColumn, own, columnCount, y${r});`)
    .join("\n  ")}
}
${STORE}`;
}
