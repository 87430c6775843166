/** Grouped float32 products: y[slot] = W x[row of the slot], tile by tile. */
import { SHAPE } from "./analog.ts";
import { PLAN } from "./tables.ts";

export interface FloatTile {
  readonly rows: number;
  readonly columns: number;
  readonly rowsEach: number;
  readonly columnsEach: number;
}

/** Inputs that a tile holds at a time. */
const DEPTH = 16;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** @param wide inputs are a multiple of four, so that four are loaded at once */
export function digitalShader(tile: FloatTile, wide: boolean): string {
  const { rows, columns, rowsEach, columnsEach } = tile;
  const across = columns / columnsEach;
  const invocations = (rows / rowsEach) * across;
  const [rowQuads, columnQuads] = [rows / 4, columns / 4];
  const [ownRowQuads, ownColumnQuads] = [rowsEach / 4, columnsEach / 4];
  const element = wide ? "vec4<f32>" : "f32";
  const load = (array: string, at: string, k: string): string =>
    wide
      ? `if (${k} < shape.inputs) { value = ${array}[(${at} + ${k}) / 4u]; }`
      : `for (var c = 0u; c < 4u; c++) { if (${k} + c < shape.inputs) { value[c] = ${array}[${at} + ${k} + c]; } }`;
  const each = (body: (r: number, q: number) => string): string =>
    range(rowsEach)
      .flatMap((r) => range(ownColumnQuads).map((q) => body(r, q)))
      .join("\n      ");
  return `${SHAPE}${PLAN}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<${element}>;
@group(0) @binding(2) var<storage, read> weights: array<${element}>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> plan: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
var<workgroup> stagedInputs: array<vec4<f32>, ${DEPTH * rowQuads}>;
var<workgroup> stagedWeights: array<vec4<f32>, ${DEPTH * columnQuads}>;

@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let id = local.x;
  let tx = id % ${across}u;
  let ty = id / ${across}u;
  let tile = tileAt(shape.tilesAt, group.y);
  let matrix = tables[shape.slotsAt + tile.x];
  if (group.y >= plan[0] || matrix == NONE) { return; }
  let columnAt = group.x * ${columns}u;
  let weightAt = matrix * shape.outputs * shape.inputs;
  ${each((r, q) => `var s${r}_${q} = vec4<f32>();`)}
  for (var k0 = 0u; k0 < shape.inputs; k0 += ${DEPTH}u) {
    for (var i = id; i < ${(rows * DEPTH) / 4}u; i += ${invocations}u) {
      let row = i / ${DEPTH / 4}u;
      let k = k0 + 4u * (i % ${DEPTH / 4}u);
      let slot = tile.y + row;
      var value = vec4<f32>();
      if (slot < tile.z) {
        var base = slot;
        if (shape.gather != 0u) { base = plan[shape.rowsAt + slot]; }
        let at = base * shape.inputs;
        ${load("x", "at", "k")}
      }
      let quad = 4u * (i % ${DEPTH / 4}u) * ${rowQuads}u + (row >> 2u);
      ${range(4)
        .map((c) => `stagedInputs[quad + ${c * rowQuads}u][row & 3u] = value.${"xyzw"[c]};`)
        .join(" ")}
    }
    for (var i = id; i < ${(columns * DEPTH) / 4}u; i += ${invocations}u) {
      let column = i / ${DEPTH / 4}u;
      let k = k0 + 4u * (i % ${DEPTH / 4}u);
      var value = vec4<f32>();
      if (columnAt + column < shape.outputs) {
        let at = weightAt + (columnAt + column) * shape.inputs;
        ${load("weights", "at", "k")}
      }
      let quad = 4u * (i % ${DEPTH / 4}u) * ${columnQuads}u + (column >> 2u);
      ${range(4)
        .map((c) => `stagedWeights[quad + ${c * columnQuads}u][column & 3u] = value.${"xyzw"[c]};`)
        .join(" ")}
    }
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
      ${range(ownRowQuads)
        .map((q) => `let a${q} = stagedInputs[k * ${rowQuads}u + ty * ${ownRowQuads}u + ${q}u];`)
        .join("\n      ")}
      ${range(ownColumnQuads)
        .map((q) => `let b${q} = stagedWeights[k * ${columnQuads}u + tx + ${q * across}u];`)
        .join("\n      ")}
      ${each((r, q) => `s${r}_${q} = fma(vec4<f32>(a${r >> 2}.${"xyzw"[r & 3]}), b${q}, s${r}_${q});`)}
    }
    workgroupBarrier();
  }
  ${each((r, q) => `store(tile.y + ty * ${rowsEach}u + ${r}u, tile.z, columnAt + 4u * (tx + ${q * across}u), s${r}_${q});`)}
}

fn storeOne(at: u32, value: f32) {
  if (shape.accumulate != 0u) { y[at] += value; } else { y[at] = value; }
}
fn store(slot: u32, end: u32, column: u32, value: vec4<f32>) {
  if (slot >= end) { return; }
  let at = slot * shape.outputs + column;
  if (column < shape.outputs) { storeOne(at, value.x); }
  if (column + 1u < shape.outputs) { storeOne(at + 1u, value.y); }
  if (column + 2u < shape.outputs) { storeOne(at + 2u, value.z); }
  if (column + 3u < shape.outputs) { storeOne(at + 3u, value.w); }
}`;
}
