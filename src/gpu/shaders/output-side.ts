/**
 * WGSL behind the sums: IR drop, noise, ADC, and the writing of results; for all products alike.
 *
 * A unit is what one draw of four normals serves: the columns c, c + 4, c + 8 and c + 12 of a row.
 */

/** What sums are made of: int32, or float32 for weights and inputs without an integer format. */
export type SumType = "i32" | "f32";

/** How an invocation works through its units of a tile. */
export interface Units {
  readonly each: number;
  /** Row of a unit in the tile; the invocation's columns begin at `own` in all of them. */
  readonly rowOf: (unit: string) => string;
  /** The sums of a unit, as vec4<SumType>. */
  readonly sumsOf: (unit: string) => string;
  /** Sums of codes lack what the low plane of the weights is lowered by, times the sum of inputs. */
  readonly lacks: boolean;
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** The output side of a crossbar, on one unit; `reference-int.ts` has the definition. */
export const outputSide = (hasExtras: boolean, type: SumType = "i32"): string => /* wgsl */ `
struct Side { unit: f32, perCurrent: f32, perEnergy: f32, stream: u32, owner: u32, key: vec2<u32> }

fn sideOf(matrix: u32, block: u32) -> Side {
  let at = matrix * shape.constantStride + 8u * block;
  let id = shape.idsAt + 4u * matrix;
  return Side(constants[at], constants[at + 1u], constants[at + 2u], (block << 8u) | 6u,
              tables[id], vec2<u32>(tables[id + 1u], tables[id + 2u]));
}

fn outputOf(sum: vec4<${type}>, side: Side, slot: u32, counter: u32, offset: vec4<${type}>, extraAt: u32) -> vec4<f32> {
  var value = vec4<f32>(sum) * side.unit;
  ${hasExtras ? DROP : ""}
  if (shape.sigma > 0.0${hasExtras ? " || shape.readNoise > 0u" : ""}) {
    let row = plan[shape.rowIdsAt + slot];
    let z = fourNormals(counter, row, side.owner, side.stream, side.key);
    ${hasExtras ? READ_NOISE : "value += shape.sigma * z;"}
  }
  if (shape.bound > 0.0) {
    if (shape.levels == 0.0) { value = clamp(value, vec4<f32>(-shape.bound), vec4<f32>(shape.bound)); }
    else {
      let code = round(value * shape.perValue);
      value = clamp(code, vec4<f32>(-shape.levels), vec4<f32>(shape.levels)) * shape.step;
    }
  }
  return value;
}
${hasExtras ? EXTRA.replaceAll("i32", type) : ""}
`;

const DROP = /* wgsl */ `
  if (shape.irDrop > 0.0) {
    let a = vec4<f32>(extraSums(extraAt)) * side.perCurrent;
    let share = a * (a * (0.05f * a - 0.2f) + 0.5f);
    let placed = extraSums(extraAt + shape.sumsPlane) + offset;
    value -= (share * shape.irDrop) * (vec4<f32>(placed) * side.unit);
  }`;

const READ_NOISE = /* wgsl */ `
    if (shape.readNoise > 0u) {
      let at = extraAt + select(0u, 2u * shape.sumsPlane, shape.irDrop > 0.0);
      let energy = vec4<f32>(extraSums(at)) * side.perEnergy;
      value += sqrt(energy + vec4<f32>(shape.variance)) * z;
    } else { value += shape.sigma * z; }`;

/** Sums of the further products of a tile, [tile][row][row part][column]. */
const EXTRA = /* wgsl */ `
@group(0) @binding(8) var<storage, read> sums: array<i32>;
fn extraSums(at: u32) -> vec4<i32> {
  return vec4<i32>(sums[at], sums[at + 4u], sums[at + 8u], sums[at + 12u]);
}`;

/** Where the sums of row r of a tile begin among the extra ones. */
export const extraSlot = (rows: number, row: string): string =>
  `(group.y * ${rows}u + ${row}) * shape.rowParts`;

/** Before the row parts. */
export const beginUnits = ({ each }: Units): string =>
  range(each)
    .map((u) => `var y${u} = vec4<f32>();`)
    .join("\n  ");

const forEach = (each: number, body: (u: string, y: string) => string): string =>
  range(each)
    .map((u) => `{ ${body(`${u}u`, `y${u}`)} }`)
    .join("\n    ");

/**
 * After the sums of a row part. Without branches, so that units can overlap: rows behind the last one
 * repeat it and are not stored, and a row that has nothing to convert has a full scale of 0.
 */
export function finishPart(units: Units, rows: number, type: SumType = "i32"): string {
  const offset = units.lacks ? "vec4<i32>(128 * bitcast<i32>(info.y))" : `vec4<${type}>()`;
  return `
    let scaleAt = matrix * shape.constantStride + shape.scaleAt + p * shape.paddedOutputs + columnAt + own;
    let scale = vec4<f32>(constants[scaleAt], constants[scaleAt + 4u], constants[scaleAt + 8u], constants[scaleAt + 12u]);
    let side = sideOf(matrix, p * shape.colParts + part);
    ${forEach(
      units.each,
      (u, y) => `
      let slot = min(tile.y + ${units.rowOf(u)}, tile.z - 1u);
      let info = rowInfo[slot * shape.rowParts + p];
      let offset = ${offset};
      let sum = ${units.sumsOf(u)} + offset;
      let extraAt = (${extraSlot(rows, units.rowOf(u))} + p) * shape.paddedOutputs + columnAt + own;
      ${y} += (outputOf(sum, side, slot, counter, offset, extraAt) * bitcast<f32>(info.x)) * scale;`,
    )}`;
}

/** After all row parts. */
export const storeUnits = ({ each, rowOf }: Units): string =>
  forEach(
    each,
    (u, y) => `store(tile.y + ${rowOf(u)}, tile.z, realColumn, own, columnCount, ${y});`,
  );

/** Writes four columns of a row, or adds them to what is there. */
export const STORE = /* wgsl */ `
fn storeOne(at: u32, value: f32) {
  if (shape.accumulate != 0u) { y[at] += value; } else { y[at] = value; }
}
fn store(slot: u32, end: u32, realColumn: u32, own: u32, count: u32, value: vec4<f32>) {
  if (slot >= end) { return; }
  let at = slot * shape.outputs + realColumn + own;
  if (own < count) { storeOne(at, value.x); }
  if (own + 4u < count) { storeOne(at + 4u, value.y); }
  if (own + 8u < count) { storeOne(at + 8u, value.z); }
  if (own + 12u < count) { storeOne(at + 12u, value.w); }
}
`;

/** What `main` of every product begins with: the tile, its matrix, its columns. */
export const beginTile = (columns: number): string => `
  let id = local.x;
  let tile = tileAt(shape.tilesAt, group.y);
  let matrix = tables[shape.slotsAt + tile.x];
  if (group.y >= plan[0] || matrix == NONE) { return; }
  let columnAt = group.x * ${columns}u;
`;

/** Sizes and beginnings of planes of bytes, in vectors of 16. */
export const BEGIN_PLANES = `
  let lines = shape.words / 4u;
  let weightAt = matrix * 2u * shape.paddedOutputs * lines;
  let inputPlane = shape.slots * lines;
  let weightPlane = shape.paddedOutputs * lines;
`;

/** Begin and end of a row part, in vectors of 16 inputs. */
export const BEGIN_PART = `
    let begin = select(p * shape.partWords, tables[shape.rowTable + 4u * p], shape.partWords == 0u) / 4u;
    let end = begin + select(shape.partWords, tables[shape.rowTable + 4u * p + 1u], shape.partWords == 0u) / 4u;`;

/** What only the product with an output side needs of its columns. */
export const BEGIN_COLUMNS = `
  let part = tables[shape.columnTable + 4u * group.x];
  let realColumn = tables[shape.columnTable + 4u * group.x + 1u];
  let inPart = tables[shape.columnTable + 4u * group.x + 2u];
  let columnCount = tables[shape.columnTable + 4u * group.x + 3u];
`;

/** Bindings of the product with an output side, and of the extra sums. */
export const productBindings = (type: "u32" | SumType = "u32"): string => /* wgsl */ `
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> codes: array<vec4<${type}>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<${type}>>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> plan: array<u32>;
`;
export const OUTPUT_BINDINGS = /* wgsl */ `
@group(0) @binding(5) var<storage, read> rowInfo: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read> constants: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
`;
export const sumsBinding = (type: "u32" | SumType = "i32"): string => /* wgsl */ `
@group(0) @binding(6) var<storage, read_write> sums: array<${type}>;
`;
