/** The element types of safetensors files. Numbers are little-endian, as on every host of Node. */
import { E4M3_VALUES, F16_VALUES } from "./number-formats.ts";

/** Bytes -> float32 values; `values` has one place for each element of `bytes`. */
type Decode = (bytes: Uint8Array, values: Float32Array) => void;

interface ElementType {
  readonly bits: number;
  /** Absent: such tensors may be in a file, but no weight is read from them. */
  readonly decode?: Decode;
}

/** A view needs an aligned start; a copy has one. */
const aligned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();

const decodeF64: Decode = (bytes, values) => {
  const source = aligned(bytes);
  values.set(new Float64Array(source.buffer, source.byteOffset, values.length));
};

const decodeF32: Decode = (bytes, values) => {
  new Uint8Array(values.buffer, values.byteOffset, bytes.length).set(bytes);
};

const decodeF16: Decode = (bytes, values) => {
  const source = aligned(bytes);
  const codes = new Uint16Array(source.buffer, source.byteOffset, values.length);
  for (let i = 0; i < codes.length; i++) values[i] = F16_VALUES[codes[i]!]!;
};

/** A bfloat16 is the upper half of a float32. Two are read at a time: this loop bounds streaming. */
const decodeBf16: Decode = (bytes, values) => {
  const source = aligned(bytes);
  const pairCount = values.length >> 1;
  const pairs = new Int32Array(source.buffer, source.byteOffset, pairCount);
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < pairCount; i++) {
    const pair = pairs[i]!;
    words[2 * i] = pair << 16;
    words[2 * i + 1] = pair & 0xffff0000;
  }
  if (values.length % 2 === 1)
    words[values.length - 1] = (bytes[bytes.length - 2]! | (bytes[bytes.length - 1]! << 8)) << 16;
};

const decodeE4m3: Decode = (bytes, values) => {
  for (let i = 0; i < bytes.length; i++) values[i] = E4M3_VALUES[bytes[i]!]!;
};

const decodeI8: Decode = (bytes, values) => {
  values.set(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
};

/** @source safetensors format documentation, type `Dtype`. */
export const DTYPES = {
  F64: { bits: 64, decode: decodeF64 },
  F32: { bits: 32, decode: decodeF32 },
  F16: { bits: 16, decode: decodeF16 },
  BF16: { bits: 16, decode: decodeBf16 },
  F8_E4M3: { bits: 8, decode: decodeE4m3 },
  I8: { bits: 8, decode: decodeI8 },
  U8: { bits: 8 },
  BOOL: { bits: 8 },
  F4: { bits: 4 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  F8_E5M2: { bits: 8 },
  F8_E8M0: { bits: 8 },
  I16: { bits: 16 },
  U16: { bits: 16 },
  I32: { bits: 32 },
  U32: { bits: 32 },
  I64: { bits: 64 },
  U64: { bits: 64 },
  C64: { bits: 64 },
} as const satisfies Record<string, ElementType>;

export type Dtype = keyof typeof DTYPES;
const elementTypes: Readonly<Record<Dtype, ElementType>> = DTYPES;

export const dtypeNames = Object.keys(DTYPES) as readonly Dtype[];
/** Those that weights may have. */
export const weightDtypes = dtypeNames.filter((name) => elementTypes[name].decode !== undefined);

export const isDtype = (name: unknown): name is Dtype =>
  typeof name === "string" && Object.hasOwn(DTYPES, name);

/**
 * Decodes whole elements.
 *
 * @param bytes little-endian elements
 * @param values one place an element, overwritten
 */
export function decodeElements(dtype: Dtype, bytes: Uint8Array, values: Float32Array): void {
  const { decode } = elementTypes[dtype];
  if (decode === undefined) throw new Error(`no weights are read from ${dtype}`);
  decode(bytes, values);
}
