import { describe, expect, test } from "vitest";
import { decodeElements } from "../../src/checkpoint/dtypes.ts";
import { decodeMxfp4 } from "../../src/checkpoint/mxfp4.ts";
import {
  E2M1_VALUES,
  E4M3_VALUES,
  E8M0_VALUES,
  F16_VALUES,
} from "../../src/checkpoint/number-formats.ts";

/** The value of a float, read off its bits as a string; null where the format has NaN or infinity. */
function valueOfBits(bits: string, exponentBits: number): number {
  const exponent = Number.parseInt(bits.slice(1, 1 + exponentBits), 2);
  const mantissa = bits.slice(1 + exponentBits);
  const bias = 2 ** (exponentBits - 1) - 1;
  const lead = exponent === 0 ? "0" : "1";
  const significand = Number.parseInt(lead + mantissa, 2);
  const power = Math.max(exponent, 1) - bias - mantissa.length;
  return (bits[0] === "1" ? -1 : 1) * significand * 2 ** power;
}

const bitsOf = (code: number, width: number): string => code.toString(2).padStart(width, "0");

describe("every code of every format has the value of its closed form", () => {
  test("E4M3: 254 numbers up to 448, two NaNs", () => {
    for (let code = 0; code < 256; code++) {
      const isNan = (code & 127) === 127;
      expect(E4M3_VALUES[code]).toBe(isNan ? Number.NaN : valueOfBits(bitsOf(code, 8), 4));
    }
    // Extremes by the paper's table 1.
    expect(E4M3_VALUES[0x7e]).toBe(448);
    expect(E4M3_VALUES[0x01]).toBe(2 ** -9);
    expect(E4M3_VALUES[0x08]).toBe(2 ** -6);
  });

  test("E2M1: the sixteen values of the MX specification", () => {
    const half = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
    expect([...E2M1_VALUES]).toEqual([...half, ...half.map((value) => -value)]);
  });

  test("E8M0: powers of two, and NaN", () => {
    for (let code = 0; code < 255; code++) expect(E8M0_VALUES[code]).toBe(2 ** (code - 127));
    expect(E8M0_VALUES[255]).toBeNaN();
  });

  test("F16: all 65,536 codes", () => {
    let wrong = 0;
    for (let code = 0; code < 65536; code++) {
      const exponent = (code >> 10) & 31;
      const closed =
        exponent < 31
          ? valueOfBits(bitsOf(code, 16), 5)
          : (code & 1023) !== 0
            ? Number.NaN
            : code >> 15 === 1
              ? Number.NEGATIVE_INFINITY
              : Number.POSITIVE_INFINITY;
      if (!Object.is(F16_VALUES[code], closed)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(F16_VALUES[0x7bff]).toBe(65504);
    expect(F16_VALUES[0x3555]).toBe(0.333251953125);
  });

  test("BF16: all 65,536 codes are the upper halves of float32", () => {
    const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
    const values = new Float32Array(65536);
    decodeElements("BF16", new Uint8Array(codes.buffer), values);
    const wrong = codes.filter((code) => {
      const exponent = (code >> 7) & 255;
      if (exponent === 255)
        return (code & 127) !== 0
          ? !Number.isNaN(values[code])
          : values[code] !==
              (code >> 15 === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
      return !Object.is(values[code], valueOfBits(bitsOf(code, 16), 8));
    });
    expect(wrong.length).toBe(0);
  });

  test("F16, F8_E4M3 and I8 bytes are read through the same tables", () => {
    const f16 = new Float32Array(2);
    decodeElements("F16", Uint8Array.of(0x00, 0x3c, 0xff, 0xfb), f16);
    expect([...f16]).toEqual([1, -65504]);
    const f8 = new Float32Array(256);
    decodeElements(
      "F8_E4M3",
      Uint8Array.from({ length: 256 }, (_, i) => i),
      f8,
    );
    expect(f8).toEqual(E4M3_VALUES);
    const i8 = new Float32Array(256);
    decodeElements(
      "I8",
      Uint8Array.from({ length: 256 }, (_, i) => i),
      i8,
    );
    expect(i8.slice(126, 130)).toEqual(Float32Array.of(126, 127, -128, -127));
  });
});

test("bytes need not be aligned", () => {
  const numbers = Float32Array.of(1.5, -2, 1e-40);
  const shifted = new Uint8Array(13);
  shifted.set(new Uint8Array(numbers.buffer), 1);
  const values = new Float32Array(3);
  decodeElements("F32", shifted.subarray(1), values);
  expect(values).toEqual(numbers);
  const doubles = new Uint8Array(25);
  doubles.set(new Uint8Array(Float64Array.of(1.5, -2, 0.1).buffer), 1);
  decodeElements("F64", doubles.subarray(1), values);
  expect(values).toEqual(Float32Array.of(1.5, -2, 0.1));
  const halves = Uint8Array.of(9, 0x80, 0x3f, 0x00, 0xc0);
  const two = new Float32Array(2);
  decodeElements("BF16", halves.subarray(1), two);
  expect([...two]).toEqual([1, -2]);
  const three = new Float32Array(3);
  decodeElements("BF16", Uint8Array.of(0x80, 0x3f, 0x00, 0xc0, 0x40, 0xc1), three);
  expect([...three]).toEqual([1, -2, -12]);
});

test("MXFP4: lower half first, one scale for 32", () => {
  const blocks = new Uint8Array(32);
  // 1.0 then 6.0 in the first byte, -0.5 in the upper half of the last.
  blocks[0] = 0x72;
  blocks[31] = 0x91;
  const values = new Float32Array(64);
  decodeMxfp4(blocks, Uint8Array.of(130, 126), values);
  expect([values[0], values[1]]).toEqual([8, 48]);
  expect([values[62], values[63]]).toEqual([0.25, -0.25]);
  expect(values.subarray(2, 62).every((value) => value === 0)).toBe(true);
});
