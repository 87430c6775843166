/** WGSL of `random/philox.ts` and `random/elementary.ts`: the same counters, the same polynomials. */

/**
 * The upper half of a 32x32-bit product, which WGSL lacks, for Philox's two multipliers.
 *
 * With x = 65536 b + a and the multiplier minus 2^32 = 65536 h + l, the upper half is
 * x + h b + floor((h a + l b + floor(l a / 65536)) / 65536). The halves h, l are taken such that what
 * is in front of the last shift fits int32; for the second multiplier a is lowered by 65536 and b is
 * raised by 1 for that, which cancels. Fewer steps than with unsigned halves, and no carry.
 */
const MULTIPLY = /* wgsl */ `
fn upper0(x: u32) -> u32 {
  let a = x & 0xffffu;
  let b = x >> 16u;
  let middle = bitcast<i32>(8019u * b - 11695u * a + ((8019u * a) >> 16u)) >> 16u;
  return 53841u * b + (a + bitcast<u32>(middle));
}
fn upper1(x: u32) -> u32 {
  let a = x | 0xffff0000u;
  let b = (x >> 16u) + 1u;
  let low = bitcast<u32>((-29353 * bitcast<i32>(a)) >> 16u);
  let middle = bitcast<i32>(low - 12897u * a - 29353u * b) >> 16u;
  return 52639u * b + (a + bitcast<u32>(middle));
}
`;

export const RANDOM = /* wgsl */ `${MULTIPLY}
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var x = counter;
  var k = key;
  for (var i = 0; i < 10; i++) {
    x = vec4<u32>(upper1(x.z) ^ x.y ^ k.x, 0xcd9e8d57u * x.z, upper0(x.x) ^ x.w ^ k.y, 0xd2511f53u * x.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return x;
}

fn ln32(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let exponent = (bits - 0x3f2aaaab) >> 23u;
  let f = bitcast<f32>(bits - (exponent << 23u)) - 1.0;
  let f2 = f * f;
  var p = 0.14227302372455597f * f + -0.15124592185020447f;
  p = p * f + 0.13958001136779785f;
  p = p * f + -0.1647190898656845f;
  p = p * f + 0.200130894780159f;
  p = p * f + -0.25004255771636963f;
  p = p * f + 0.33333179354667664f;
  p = p * f - 0.5;
  return f32(exponent) * 0.6931471805599453f + (p * f2 + f);
}

fn normalPair(word0: u32, word1: u32) -> vec2<f32> {
  let u = f32(word0) * 2.3283064365386963e-10f + 1.1641532182693481e-10f;
  let radius = bitcast<u32>(sqrt(ln32(u) * -2.0));
  let signed = bitcast<f32>(radius ^ (word1 & 0x80000000u));
  let t = f32(i32(word1 & 0x3fffffffu) - 0x20000000) * 1.4629180792671596e-9f;
  let t2 = t * t;
  let s = ((-0.0001951729936990887f * t2 + 0.008332177996635437f) * t2 + -0.16666655242443085f) * t2;
  let sine = s * t + t;
  let c = ((0.000024438451873720624f * t2 + -0.001388736767694354f) * t2 + 0.04166664555668831f) * t2;
  let cosine = (c - 0.5) * t2 + 1.0;
  let swap = (word1 & 0x40000000u) != 0u;
  return signed * select(vec2<f32>(cosine, sine), vec2<f32>(sine, cosine), swap);
}

/** Normals of the indices first, first + 4, + 8, + 12, where first = 16 * (counter / 4) + counter % 4. */
fn fourNormals(counter: u32, row: u32, owner: u32, stream: u32, key: vec2<u32>) -> vec4<f32> {
  let words = philox(vec4<u32>(counter, row, owner, stream), key);
  return vec4<f32>(normalPair(words.x, words.y), normalPair(words.z, words.w));
}
`.replace(/\/\*\*[\s\S]*?\*\//g, "");
