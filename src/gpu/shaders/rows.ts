/** What happens to rows between the products. Every shader reads eight words of parameters. */

/** u0..u3 whole numbers, f0..f3 floats; what they are stands at each shader. */
const PARAMETERS = /* wgsl */ `
struct Parameters { u0: u32, u1: u32, u2: u32, u3: u32, f0: f32, f1: f32, u4: u32, u5: u32 }
@group(0) @binding(0) var<uniform> p: Parameters;
`;

/** Workgroups along x before the next line of them begins. */
export const LINE = 32768;
const WHICH_ROW = `let row = group.x + group.y * ${LINE}u;`;

const REDUCE = /* wgsl */ `
var<workgroup> partial: array<f32, 64>;
fn sumOver(id: u32, value: f32) -> f32 {
  partial[id] = value;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (id < half) { partial[id] += partial[id + half]; }
  }
  workgroupBarrier();
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}
`;

/** One workgroup a row. */
const PER_ROW = `@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  ${WHICH_ROW}
  let id = local.x;`;

/** u0 features, u1 rows. */
export const EMBED = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
${PER_ROW}
  if (row >= p.u1) { return; }
  for (var c = id; c < p.u0; c += 64u) { y[row * p.u0 + c] = table[tokens[row] * p.u0 + c]; }
}`;

/** u0 features, u1 rows, u2 first row of x, f0 epsilon; mean of squares over all features. */
export const RMS_NORM = `${PARAMETERS}${REDUCE}
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
${PER_ROW}
  if (row >= p.u1) { return; }
  let base = (p.u2 + row) * p.u0;
  var squares = 0.0;
  for (var c = id; c < p.u0; c += 64u) { let v = x[base + c]; squares += v * v; }
  let factor = 1.0 / sqrt(sumOver(id, squares) / f32(p.u0) + p.f0);
  for (var c = id; c < p.u0; c += 64u) { y[row * p.u0 + c] = x[base + c] * factor * weight[c]; }
}`;

/** The same in place, then rotation of every head; u0 features, u1 rows, u2 head width, u3 norm? */
export const ROTATE = `${PARAMETERS}${REDUCE}
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read> rotary: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;
${PER_ROW}
  if (row >= p.u1) { return; }
  let base = row * p.u0;
  var squares = 0.0;
  for (var c = id; c < p.u0; c += 64u) { let v = x[base + c]; squares += v * v; }
  var factor = 1.0 / sqrt(sumOver(id, squares) / f32(p.u0) + p.f0);
  if (p.u3 == 0u) { factor = 1.0; }
  let half = p.u2 / 2u;
  for (var i = id; i < p.u0 / 2u; i += 64u) {
    let at = (i / half) * p.u2 + i % half;
    var a = x[base + at] * factor;
    var b = x[base + at + half] * factor;
    if (p.u3 != 0u) { a *= weight[at]; b *= weight[at + half]; }
    let turn = rotary[positions[row] * half + i % half];
    x[base + at] = a * turn.x - b * turn.y;
    x[base + at + half] = b * turn.x + a * turn.y;
  }
}`;

/** gate = silu(gate) up; u0 numbers. */
export const SWIGLU = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> up: array<f32>;
@group(0) @binding(2) var<storage, read_write> gate: array<f32>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let i = (group.x + group.y * ${LINE}u) * 256u + local.x;
  if (i >= p.u0) { return; }
  let x = gate[i];
  let e = exp(-abs(x));
  gate[i] = (select(1.0, e, x < 0.0) / (1.0 + e)) * x * up[i];
}`;

/**
 * hidden[row] += sum of weight times down over the chosen experts, by rising expert; u0 features,
 * u1 rows, u2 chosen experts.
 */
export const SCATTER = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> chosen: array<u32>;
@group(0) @binding(2) var<storage, read> gateWeights: array<f32>;
@group(0) @binding(3) var<storage, read> places: array<u32>;
@group(0) @binding(4) var<storage, read> down: array<f32>;
@group(0) @binding(5) var<storage, read_write> hidden: array<f32>;
var<workgroup> order: array<u32, 64>;
${PER_ROW}
  if (row >= p.u1) { return; }
  if (id < p.u2) {
    let own = chosen[row * p.u2 + id];
    var rank = 0u;
    for (var i = 0u; i < p.u2; i++) { rank += select(0u, 1u, chosen[row * p.u2 + i] < own); }
    order[rank] = id;
  }
  workgroupBarrier();
  for (var c = id; c < p.u0; c += 64u) {
    var sum = 0.0;
    for (var i = 0u; i < p.u2; i++) {
      let choice = row * p.u2 + order[i];
      sum += gateWeights[choice] * down[places[choice] * p.u0 + c];
    }
    hidden[row * p.u0 + c] += sum;
  }
}`;

/**
 * Cross entropy, whether the target is the likeliest token, and KL(reference || this) in nats;
 * u0 vocabulary, u1 rows, u2 has a reference, u3 first row of targets and of results.
 */
export const LOSS = `${PARAMETERS}${REDUCE}
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> reference: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read_write> results: array<vec4<f32>>;
var<workgroup> best: array<vec2<f32>, 64>;
fn largest(id: u32, value: f32) -> f32 {
  partial[id] = value;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (id < half) { partial[id] = max(partial[id], partial[id + half]); }
  }
  workgroupBarrier();
  let most = partial[0];
  workgroupBarrier();
  return most;
}
${PER_ROW}
  if (row >= p.u1) { return; }
  let base = row * p.u0;
  var most = -3.0e38;
  var mostReference = -3.0e38;
  for (var i = id; i < p.u0; i += 64u) {
    most = max(most, logits[base + i]);
    mostReference = max(mostReference, reference[base + i]);
  }
  most = largest(id, most);
  mostReference = largest(id, mostReference);
  var sum = 0.0;
  var sumReference = 0.0;
  for (var i = id; i < p.u0; i += 64u) {
    sum += exp(logits[base + i] - most);
    sumReference += exp(reference[base + i] - mostReference);
  }
  let logSum = log(sumOver(id, sum));
  let logSumReference = log(sumOver(id, sumReference));
  var divergence = 0.0;
  var before = 0.0;
  let target_ = targets[p.u3 + row];
  let own = logits[base + min(target_, p.u0 - 1u)];
  for (var i = id; i < p.u0; i += 64u) {
    let l = logits[base + i];
    let lnP = (reference[base + i] - mostReference) - logSumReference;
    divergence += exp(lnP) * (lnP - ((l - most) - logSum));
    // The target is the likeliest if none is larger and none of the earlier ones is as large.
    if (l > own || (l == own && i < target_)) { before += 1.0; }
  }
  divergence = sumOver(id, divergence);
  before = sumOver(id, before);
  if (id == 0u) {
    let nll = (most - own) + logSum;
    results[p.u3 + row] = vec4<f32>(nll, select(0.0, 1.0, before == 0.0), select(0.0, divergence, p.u2 != 0u), 0.0);
  }
}`.replace("var<workgroup> best: array<vec2<f32>, 64>;\n", "");
