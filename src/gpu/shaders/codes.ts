/** The input side of a crossbar, and how weights get into their planes. */
import { SHAPE } from "./analog.ts";
import { SUBGROUP } from "./analog-matrix.ts";
import type { SumType } from "./output-side.ts";
import { LINE } from "./rows.ts";
import type { InputPlane } from "./sweeps.ts";

/** Rows of a workgroup, and the invocations that share one: a subgroup where that is known. */
export const codeRows = (bySubgroups: boolean): number => (bySubgroups ? 8 : 4);
const widthOf = (bySubgroups: boolean): number => (bySubgroups ? SUBGROUP : 64);

/** How codes are stored: planes of four to a word, or one to a word. */
export type CodeType = readonly InputPlane[] | SumType;

/** Four numbers of a plane from four codes. */
const PLANES: Readonly<Record<InputPlane, string>> = {
  codes: "pack4xI8(code)",
  magnitudes: "pack4xI8(abs(code))",
  "squares low": "pack4xU8(vec4<u32>(code * code) & vec4<u32>(255u))",
  "squares high": "pack4xU8(vec4<u32>(code * code) >> vec4<u32>(8u))",
};

const storePlanes = (planes: readonly InputPlane[]): string => `
      code = vec4<i32>(converted(scaled));
      sum += code.x + code.y + code.z + code.w;
      ${planes.map((plane, i) => `codes[${i}u * shape.slots * shape.words + at] = ${PLANES[plane]};`).join("\n      ")}`;

/** Four scaled inputs to codes, and where they go. */
const STORE_CODES: Readonly<Record<SumType, string>> = {
  i32: "codes[at] = vec4<i32>(converted(scaled));",
  f32: `codes[at] = converted(scaled);
      if (shape.inputLevels == 0.0) { codes[at] = clamp(scaled, vec4<f32>(-1.0), vec4<f32>(1.0)); }`,
};

/**
 * Rows to DAC codes, with full scale and (of bytes) sum of codes for each row part.
 *
 * @param wide inputs and all row parts are multiples of four
 * @param type planes are [plane][slot][word]
 * @param bySubgroups invocations in order are subgroups of 32
 */
export function codesShader(wide: boolean, type: CodeType, bySubgroups = false): string {
  const width = widthOf(bySubgroups);
  const rows = codeRows(bySubgroups);
  const memory = `
var<workgroup> largest: array<f32, ${width * rows}>;
var<workgroup> total: array<i32, ${width * rows}>;`;
  return /* wgsl */ `${bySubgroups ? "enable subgroups;" : ""}
${SHAPE}
const NONE = 0xffffffffu;
const SMALLEST = 1.1754943508222875e-38f;
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<${wide ? "vec4<f32>" : "f32"}>;
@group(0) @binding(2) var<storage, read> tables: array<u32>;
@group(0) @binding(3) var<storage, read> plan: array<u32>;
@group(0) @binding(4) var<storage, read> constants: array<f32>;
@group(0) @binding(5) var<storage, read_write> codes: array<${typeof type === "string" ? `vec4<${type}>` : "u32"}>;
@group(0) @binding(6) var<storage, read_write> rowInfo: array<vec2<u32>>;
// Four inputs from k on; those beyond the end of the part are 0.
fn inputs(at: u32, k: u32, end: u32) -> vec4<f32> {
  ${
    wide
      ? "return x[(at + k) / 4u];"
      : `var value = vec4<f32>(x[at + k], 0.0, 0.0, 0.0);
  if (k + 1u < end) { value.y = x[at + k + 1u]; }
  if (k + 2u < end) { value.z = x[at + k + 2u]; }
  if (k + 3u < end) { value.w = x[at + k + 3u]; }
  return value;`
  }
}
fn converted(scaled: vec4<f32>) -> vec4<f32> {
  let most = vec4<f32>(shape.inputLevels);
  return clamp(round(scaled * most), -most, most);
}
${bySubgroups ? "" : memory}

@compute @workgroup_size(${width}, ${rows})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let slot = (group.x + group.z * ${LINE}u) * ${rows}u + local.y;
  let p = group.y;
  let mine = local.y * ${width}u + local.x;
  var matrix = NONE;
  if (slot < shape.slots) { matrix = tables[shape.slotsAt + plan[shape.groupsAt + slot]]; }
  let is = matrix != NONE;
  let wordBegin = tables[shape.rowTable + 4u * p];
  let words = tables[shape.rowTable + 4u * p + 1u];
  let rowBegin = tables[shape.rowTable + 4u * p + 2u];
  let rowEnd = tables[shape.rowTable + 4u * p + 3u];
  var base = slot;
  if (is && shape.gather != 0u) { base = plan[shape.rowsAt + slot]; }
  let xAt = base * shape.inputs;
  var fixed = 0.0;
  var inverse = 0.0;
  if (is) {
    let block = matrix * shape.constantStride + 8u * p * shape.colParts;
    fixed = constants[block + 3u];
    inverse = constants[block + 4u];
  }
  var most = 0.0;
  if (is && fixed == 0.0) {
    for (var k = rowBegin + 4u * local.x; k < rowEnd; k += ${4 * width}u) {
      let v = abs(inputs(xAt, k, rowEnd));
      most = max(max(most, max(v.x, v.y)), max(v.z, v.w));
    }
  }
  ${bySubgroups ? "most = subgroupMax(most);" : reduce("largest", "most", width, (a, b) => `max(${a}, ${b})`)}
  var full = fixed;
  if (fixed == 0.0) {
    full = most;
    if (full < SMALLEST) { full = 0.0; }
    else {
      inverse = 1.0 / full;
      inverse = fma(inverse, fma(-full, inverse, 1.0), inverse);
    }
  }
  var sum = 0;
  if (is) {
    for (var w = local.x; w < words; w += ${width}u) {
      let k = rowBegin + 4u * w;
      let at = slot * shape.words + wordBegin + w;
      var code = vec4<i32>();
      var scaled = vec4<f32>();
      if (k < rowEnd) { scaled = inputs(xAt, k, rowEnd) * inverse; }
      ${typeof type === "string" ? STORE_CODES[type] : storePlanes(type)}
    }
  }
  ${bySubgroups ? "sum = subgroupAdd(sum);" : reduce("total", "sum", width, (a, b) => `${a} + ${b}`)}
  if (is && local.x == 0u) {
    rowInfo[slot * shape.rowParts + p] = vec2<u32>(bitcast<u32>(full), bitcast<u32>(sum));
  }
}
`;
}

/** All invocations of a row get the value of all of them together. */
const reduce = (
  memory: string,
  value: string,
  width: number,
  join: (a: string, b: string) => string,
): string => `${memory}[mine] = ${value};
  for (var half = ${width / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (local.x < half) { ${memory}[mine] = ${join(`${memory}[mine]`, `${memory}[mine + half]`)}; }
  }
  workgroupBarrier();
  ${value} = ${memory}[local.y * ${width}u];`;

/**
 * Weights of blocks, float32 [columns][rows] each, to planes of codes [matrix][2][outputs][words].
 *
 * `mode` 0: round(w scale), split with a signed low byte; 1: |w|, split in two unsigned bytes.
 */
export const PACK = /* wgsl */ `
struct Packing { mode: u32, words: u32, paddedOutputs: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> packing: Packing;
@group(0) @binding(1) var<storage, read> blocks: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> planes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = blocks[3u * id.z];
  let places = blocks[3u * id.z + 1u];
  let scale = bitcast<f32>(blocks[3u * id.z + 2u].x);
  let rows = sizes.y;
  let w = id.x;
  if (w >= places.z || id.y >= sizes.z) { return; }
  var high = vec4<i32>();
  var low = vec4<i32>();
  for (var c = 0u; c < 4u; c++) {
    let k = 4u * w + c;
    var code = 0;
    if (k < rows) {
      var value = source[sizes.x + id.y * rows + k];
      if (packing.mode == 1u) { value = abs(value); }
      code = i32(round(value * scale));
    }
    high[c] = code >> 8u;
    low[c] = (code & 255) - select(128, 0, packing.mode == 1u);
  }
  let to = (sizes.w * 2u * packing.paddedOutputs + places.x + id.y) * packing.words + places.y + w;
  planes[to] = pack4xI8(high);
  planes[to + packing.paddedOutputs * packing.words] = pack4xI8(low);
}
`;

/** The same to 32 bits each, [matrix][outputs][4 words]: `mode` 0 as they are, 1 codes, 2 codes of |w|. */
export const PACK_PLAIN = /* wgsl */ `
struct Packing { mode: u32, words: u32, paddedOutputs: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> packing: Packing;
@group(0) @binding(1) var<storage, read> blocks: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> planes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = blocks[3u * id.z];
  let places = blocks[3u * id.z + 1u];
  let scale = bitcast<f32>(blocks[3u * id.z + 2u].x);
  let w = id.x;
  if (w >= places.z || id.y >= sizes.z) { return; }
  let to = (sizes.w * packing.paddedOutputs + places.x + id.y) * packing.words + places.y + w;
  for (var c = 0u; c < 4u; c++) {
    let k = 4u * w + c;
    if (k >= sizes.y) { continue; }
    var value = source[sizes.x + id.y * sizes.y + k];
    if (packing.mode == 2u) { value = abs(value); }
    if (packing.mode == 0u) { planes[4u * to + c] = bitcast<u32>(value); }
    else { planes[4u * to + c] = bitcast<u32>(i32(round(value * scale))); }
  }
}
`;
