/** Queries of a tile of attention. */
export const QUERIES = 16;

/** Causal attention with an online softmax: scores are never stored. */

export interface AttentionTile {
  /** Width of a head. */
  readonly width: number;
  readonly queries: number;
  readonly keys: number;
}

const INVOCATIONS = 128;

/**
 * u0 heads, u1 key heads, f0 scale; `tiles`: first row, rows, first row of the window, 0.
 *
 * @source online softmax: Milakov and Gimelshein, arXiv 1805.02867; Dao et al., arXiv 2205.14135.
 */
export function attentionShader({ width, queries, keys }: AttentionTile): string {
  const pairs = queries * keys;
  const outputs = Math.ceil((queries * width) / INVOCATIONS);
  return `
struct Parameters { heads: u32, kvHeads: u32, u2: u32, u3: u32, scale: f32, f1: f32, u4: u32, u5: u32 }
@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read> tiles: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
var<workgroup> stagedQ: array<f32, ${queries * (width + 1)}>;
var<workgroup> stagedK: array<f32, ${keys * (width + 1)}>;
var<workgroup> scores: array<f32, ${pairs}>;
var<workgroup> most: array<f32, ${queries}>;
var<workgroup> sums: array<f32, ${queries}>;
var<workgroup> shrink: array<f32, ${queries}>;

@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let id = local.x;
  let tile = tiles[group.x];
  let head = group.y;
  let kvHead = head * p.kvHeads / p.heads;
  var out: array<f32, ${outputs}>;
  for (var i = id; i < ${queries * width}u; i += ${INVOCATIONS}u) {
    let row = i / ${width}u;
    let c = i % ${width}u;
    stagedQ[row * ${width + 1}u + c] = 0.0;
    if (row < tile.y) { stagedQ[row * ${width + 1}u + c] = q[((tile.x + row) * p.heads + head) * ${width}u + c] * p.scale; }
  }
  if (id < ${queries}u) { most[id] = -3.0e38; sums[id] = 0.0; }
  let end = tile.x + tile.y;
  for (var first = tile.z; first < end; first += ${keys}u) {
    workgroupBarrier();
    for (var i = id; i < ${keys * width}u; i += ${INVOCATIONS}u) {
      let row = i / ${width}u;
      let c = i % ${width}u;
      stagedK[row * ${width + 1}u + c] = 0.0;
      if (first + row < end) { stagedK[row * ${width + 1}u + c] = k[((first + row) * p.kvHeads + kvHead) * ${width}u + c]; }
    }
    workgroupBarrier();
    for (var i = id; i < ${pairs}u; i += ${INVOCATIONS}u) {
      let row = i / ${keys}u;
      let key = i % ${keys}u;
      var sum = 0.0;
      for (var c = 0u; c < ${width}u; c++) { sum += stagedQ[row * ${width + 1}u + c] * stagedK[key * ${width + 1}u + c]; }
      scores[i] = select(-3.0e38, sum, first + key <= tile.x + row);
    }
    workgroupBarrier();
    if (id < ${queries}u) {
      var top = most[id];
      for (var key = 0u; key < ${keys}u; key++) { top = max(top, scores[id * ${keys}u + key]); }
      let factor = exp(most[id] - top);
      var sum = sums[id] * factor;
      for (var key = 0u; key < ${keys}u; key++) {
        let s = scores[id * ${keys}u + key];
        let e = select(0.0, exp(s - top), s > -2.9e38);
        scores[id * ${keys}u + key] = e;
        sum += e;
      }
      most[id] = top;
      sums[id] = sum;
      shrink[id] = factor;
    }
    for (var i = id; i < ${keys * width}u; i += ${INVOCATIONS}u) {
      let row = i / ${width}u;
      let c = i % ${width}u;
      stagedK[row * ${width + 1}u + c] = 0.0;
      if (first + row < end) { stagedK[row * ${width + 1}u + c] = v[((first + row) * p.kvHeads + kvHead) * ${width}u + c]; }
    }
    workgroupBarrier();
    for (var o = 0u; o < ${outputs}u; o++) {
      let i = o * ${INVOCATIONS}u + id;
      if (i < ${queries * width}u) {
        let row = i / ${width}u;
        let c = i % ${width}u;
        var sum = out[o] * shrink[row];
        for (var key = 0u; key < ${keys}u; key++) { sum += scores[row * ${keys}u + key] * stagedK[key * ${width + 1}u + c]; }
        out[o] = sum;
      }
    }
  }
  for (var o = 0u; o < ${outputs}u; o++) {
    let i = o * ${INVOCATIONS}u + id;
    let row = i / ${width}u;
    if (i < ${queries * width}u && row < tile.y) {
      y[((tile.x + row) * p.heads + head) * ${width}u + i % ${width}u] = out[o] / sums[row];
    }
  }
}`;
}
