/** The compiled kernels of `../assembly` and the memory that they work on. */
import { WASM_BASE64 } from "./wasm-bytes.ts";

/** A byte address in the memory of the module. */
export type Pointer = number;

/** What the module exports; comments are at the functions in `../assembly`. */
export interface Kernels {
  readonly heapBase: () => Pointer;
  readonly packTilesF32: (x: Pointer, rows: number, inputs: number, tiles: Pointer) => void;
  readonly gemmF32: (
    x: Pointer,
    rows: number,
    inputs: number,
    w: Pointer,
    panels: number,
    sums: Pointer,
    sumStride_B: number,
  ) => void;
  readonly gemvF32: (x: Pointer, inputs: number, w: Pointer, panels: number, sums: Pointer) => void;
  readonly packPanelF32: (source: Pointer, outputs: number, inputs: number, panel: Pointer) => void;
  readonly gemvF32Moments: (
    x: Pointer,
    inputs: number,
    w: Pointer,
    panels: number,
    place: Pointer,
    sums: Pointer,
    currents: Pointer,
    placed: Pointer,
    energies: Pointer,
  ) => void;
  readonly gemmInt16: (
    x: Pointer,
    rows: number,
    pairs: number,
    w: Pointer,
    panels: number,
    sums: Pointer,
    sumStride_B: number,
  ) => void;
  readonly gemvInt16: (
    x: Pointer,
    pairs: number,
    w: Pointer,
    panels: number,
    sums: Pointer,
  ) => void;
  readonly packPanelInt16: (
    source: Pointer,
    outputs: number,
    inputs: number,
    padded: number,
    scale: number,
    place: Pointer,
    absolute: boolean,
    panel: Pointer,
  ) => void;
  readonly codesInt16: (
    x: Pointer,
    xStride_B: number,
    rows: number,
    n: number,
    padded: number,
    fixedRange: number,
    levels: number,
    codes: Pointer,
    ranges: Pointer,
  ) => void;
  readonly codesF32: (
    x: Pointer,
    xStride_B: number,
    rows: number,
    n: number,
    fixedRange: number,
    levels: number,
    codes: Pointer,
    ranges: Pointer,
  ) => void;
  readonly magnitudes: (codes: Pointer, n: number, absolutes: Pointer, squares: Pointer) => void;
  readonly finishRows: (
    converter: Pointer,
    rows: number,
    columns: number,
    rowIds: Pointer,
    sums: Pointer,
    currents: Pointer,
    placed: Pointer,
    energies: Pointer,
    stride_B: number,
    ranges: Pointer,
    scale: Pointer,
    y: Pointer,
    yStride_B: number,
    scratch: Pointer,
  ) => void;
  /** 1 or 0. */
  readonly allFinite: (source: Pointer, n: number) => number;
  readonly causalAttention: (
    q: Pointer,
    k: Pointer,
    v: Pointer,
    y: Pointer,
    space: Pointer,
    tokens: number,
    heads: number,
    kvHeads: number,
    width: number,
    scale: number,
  ) => void;
  readonly rmsNorm: (
    x: Pointer,
    rows: number,
    width: number,
    weight: Pointer,
    epsilon: number,
    y: Pointer,
  ) => void;
  readonly addTo: (to: Pointer, from: Pointer, n: number) => void;
  readonly addWeighted: (
    y: Pointer,
    slots: Pointer,
    weights: Pointer,
    n: number,
    k: number,
    width: number,
    added: Pointer,
  ) => void;
  readonly swiglu: (gate: Pointer, up: Pointer, n: number) => void;
  readonly largestOf: (x: Pointer, n: number) => number;
  readonly sumOfExps: (x: Pointer, n: number, largest: number) => number;
  readonly divergence: (logP: Pointer, logits: Pointer, n: number, logNormaliser: number) => number;
  readonly programPairs: (
    constants: Pointer,
    n: number,
    weights: Pointer,
    programmed: Pointer,
    z: Pointer,
    stride_B: number,
    isAged: boolean,
  ) => void;
  readonly normals: (
    out: Pointer,
    begin: number,
    n: number,
    row: number,
    matrix: number,
    stream: number,
    key0: number,
    key1: number,
  ) => void;
}

/** The part of WebAssembly.Memory that is used here. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** The part of the standard WebAssembly object that is used here; not in TypeScript's es2023. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (limits: { initial: number; maximum: number }) => LinearMemory;
}

/** Pages of 64 KiB. The most that 32-bit addresses reach: 4 GiB. */
const MAX_PAGES = 65536;
const INITIAL_PAGES = 16;

/**
 * Compiles and instantiates the module with a memory of its own.
 *
 * @throws whatever WebAssembly throws where 128-bit SIMD or WebAssembly itself is missing
 */
export function instantiateKernels(): {
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
} {
  const api = (globalThis as unknown as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) throw new Error("there is no WebAssembly");
  const bytes = Uint8Array.from(atob(WASM_BASE64), (char) => char.charCodeAt(0));
  const memory = new api.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES });
  const instance = new api.Instance(new api.Module(bytes), { env: { memory } });
  return { kernels: instance.exports as Kernels, memory };
}
