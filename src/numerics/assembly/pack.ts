/** Weights from [outputs][inputs] float32 into the panels that the products read. */

/**
 * Eight outputs into one float32 panel [k][8]; outputs that are not there become 0.
 *
 * @param source [outputs][inputs]
 * @param outputs 1 to 8
 */
export function packPanelF32(source: usize, outputs: i32, inputs: i32, panel: usize): void {
  for (let output = 0; output < 8; output++) {
    let from = source + ((<usize>output * inputs) << 2);
    let to = panel + (<usize>output << 2);
    for (let k = 0; k < inputs; k++) {
      store<f32>(to, output < outputs ? load<f32>(from) : 0);
      from += 4;
      to += 32;
    }
  }
}

/** Is every one of n float32 values finite? */
export function allFinite(source: usize, n: i32): bool {
  // Zero times a finite number is a zero; times anything else it is NaN, which stays in the sum.
  const zero = f32x4.splat(0);
  let sum = zero;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(source + (<usize>i << 2)), zero));
  }
  let rest: f32 = 0;
  for (; i < n; i++) rest += load<f32>(source + (<usize>i << 2)) * 0;
  rest += f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
  rest += f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
  return rest == 0;
}

/**
 * Eight outputs into one int16 panel [pair][8][2]: codes round(w * scale), ties to even.
 *
 * @param source [outputs][inputs] float32
 * @param outputs 1 to 8
 * @param padded inputs with padding; what is not there becomes 0
 * @param place float32 [inputs] that multiply the weights first; 0: none
 * @param absolute take |w|
 */
export function packPanelInt16(
  source: usize, outputs: i32, inputs: i32, padded: i32, scale: f32, place: usize, absolute: bool,
  panel: usize,
): void {
  for (let output = 0; output < 8; output++) {
    const from = source + ((<usize>output * inputs) << 2);
    const to = panel + (<usize>output << 2);
    for (let k = 0; k < padded; k++) {
      let w: f32 = 0;
      if (output < outputs && k < inputs) {
        w = load<f32>(from + (<usize>k << 2));
        if (place != 0) w *= load<f32>(place + (<usize>k << 2));
        if (absolute) w = abs(w);
      }
      store<i16>(to + (<usize>(k >> 1) << 5) + (<usize>(k & 1) << 1), <i16>nearest<f32>(w * scale));
    }
  }
}
