/** WGSL of `random/philox.ts` and `random/elementary.ts`: the same counters, the same polynomials. */
export const RANDOM = /* wgsl */ `
fn mulHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  let carry = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var x = counter;
  var k = key;
  for (var i = 0; i < 10; i++) {
    let high0 = mulHigh(0xd2511f53u, x.x);
    let low0 = 0xd2511f53u * x.x;
    let high1 = mulHigh(0xcd9e8d57u, x.z);
    let low1 = 0xcd9e8d57u * x.z;
    x = vec4<u32>(high1 ^ x.y ^ k.x, low1, high0 ^ x.w ^ k.y, low0);
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
  let radius = sqrt(ln32(u) * -2.0);
  let signed = select(radius, -radius, (word1 >> 31u) != 0u);
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
