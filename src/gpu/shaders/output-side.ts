/** WGSL behind the sums: IR drop, noise, ADC, and the writing of results. */

/** What sums are made of: int32, or float32 for weights and inputs without an integer format. */
export type SumType = "i32" | "f32";

/** The output side of a crossbar, on four columns of one row; `reference-int.ts` has the definition. */
export const outputSide = (type: SumType): string => /* wgsl */ `
fn outputOf(sum: vec4<${type}>, slot: u32, p: u32, part: u32, matrix: u32, constantAt: u32,
            extraAt: u32, counter: u32) -> vec4<f32> {
  let block = p * shape.colParts + part;
  let unit = constants[constantAt + 8u * block];
  var value = vec4<f32>(sum) * unit;
  if (shape.irDrop > 0.0) {
    let plane = shape.slots * shape.rowParts * shape.paddedOutputs;
    let a = extraSums(extraAt) * constants[constantAt + 8u * block + 1u];
    let share = a * (a * (0.05f * a - 0.2f) + 0.5f);
    value -= (share * shape.irDrop) * (extraSums(extraAt + plane) * unit);
  }
  if (shape.sigma > 0.0 || shape.readNoise > 0u) {
    let id = shape.idsAt + 4u * matrix;
    let key = vec2<u32>(tables[id + 1u], tables[id + 2u]);
    let row = plan[shape.rowIdsAt + slot];
    let z = fourNormals(counter, row, tables[id], (block << 8u) | 6u, key);
    if (shape.readNoise > 0u) {
      let plane = shape.slots * shape.rowParts * shape.paddedOutputs;
      let at = extraAt + select(0u, 2u * plane, shape.irDrop > 0.0);
      let energy = extraSums(at) * constants[constantAt + 8u * block + 2u];
      value += sqrt(energy + vec4<f32>(shape.variance)) * z;
    } else { value += shape.sigma * z; }
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
`;

export const OUTPUT_SIDE = outputSide("i32");

/** With nothing to add, the binding of the extra sums is not there. */
export const extraBinding = (has: boolean, type: SumType = "i32"): string =>
  has
    ? `@group(0) @binding(8) var<storage, read> sums: array<${type}>;
fn extraSums(at: u32) -> vec4<f32> {
  return vec4<f32>(vec4<${type}>(sums[at], sums[at + 4u], sums[at + 8u], sums[at + 12u]));
}`
    : "fn extraSums(at: u32) -> vec4<f32> { return vec4<f32>(); }";

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
