/** Small floating-point formats -> float32, exactly: each of their values is a float32 value. */

/** Value of a float with the given fields; subnormals included, infinities and NaNs not. */
function smallFloat(code: number, exponentBits: number, mantissaBits: number): number {
  const sign = code >> (exponentBits + mantissaBits) === 1 ? -1 : 1;
  const exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1);
  const fraction = (code & ((1 << mantissaBits) - 1)) / 2 ** mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  return (
    sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
  );
}

/**
 * IEEE 754 binary16, by code.
 *
 * @source IEEE 754-2008, table 3.5.
 */
export const F16_VALUES: Float32Array = Float32Array.from({ length: 65536 }, (_, code) => {
  if ((code & 0x7c00) !== 0x7c00) return smallFloat(code, 5, 10);
  if ((code & 0x3ff) !== 0) return Number.NaN;
  return code < 0x8000 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
});

/**
 * FP8 E4M3 by code: no infinities, largest 448, NaN where all bits but the sign are set.
 *
 * @source Micikevicius et al., "FP8 formats for deep learning", arXiv 2209.05433, table 1.
 */
export const E4M3_VALUES: Float32Array = Float32Array.from({ length: 256 }, (_, code) =>
  (code & 0x7f) === 0x7f ? Number.NaN : smallFloat(code, 4, 3),
);

/**
 * FP4 E2M1 by code: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives.
 *
 * @source OCP Microscaling Formats (MX) Specification v1.0, section 5.3.3.
 */
export const E2M1_VALUES: Float32Array = Float32Array.from({ length: 16 }, (_, code) =>
  smallFloat(code, 2, 1),
);

/**
 * E8M0 scales by code: 2^(code - 127); 255 is NaN.
 *
 * @source OCP Microscaling Formats (MX) Specification v1.0, section 5.4.1.
 */
export const E8M0_VALUES: Float32Array = Float32Array.from({ length: 256 }, (_, code) =>
  code === 255 ? Number.NaN : 2 ** (code - 127),
);
