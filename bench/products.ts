/** Matrix products: digital and on crossbars. */
import type { Projection } from "../src/numerics/engine.ts";
import type { WasmEngine } from "../src/numerics/engines/wasm.ts";
import { type Timing, timeOf } from "./measure.ts";
import { EIGHT_BIT, EVERY_EFFECT, normals, syntheticMatrix } from "./synthetic.ts";

export interface ProductCase {
  readonly work: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: number;
  /** Goal in GMAC/s on one core; null: none. */
  readonly goal: number | null;
  /** Others on one core of a quiet AMD EPYC (Zen 4 class), measured once. */
  readonly peers: string;
  readonly make: (engine: WasmEngine, inputs: number, outputs: number) => Projection;
}

const digital: ProductCase["make"] = (engine, inputs, outputs) =>
  engine.digital(normals(engine, inputs * outputs, 3), outputs, inputs);

const analog: ProductCase["make"] = (engine, inputs, outputs) =>
  engine.analog(syntheticMatrix(engine, inputs, outputs, EIGHT_BIT));

const everyEffect: ProductCase["make"] = (engine, inputs, outputs) =>
  engine.analog(syntheticMatrix(engine, inputs, outputs, EVERY_EFFECT));

/** The product that all others are compared with. */
export const BASELINE: ProductCase = {
  work: "float32 GEMM",
  inputs: 512,
  outputs: 512,
  rows: 512,
  goal: 12.5,
  peers: "native OpenBLAS 51",
  make: digital,
};

export const PRODUCTS: readonly ProductCase[] = [
  BASELINE,
  { ...BASELINE, rows: 64, peers: "native OpenBLAS 46" },
  { ...BASELINE, rows: 1, goal: null, peers: "native OpenBLAS 19 (2048x1024)" },
  tile(64, 28, "AIHWKIT 13.0, Lightning 23.1 without noise"),
  tile(512, 32, "AIHWKIT 13.3, Lightning 29.6 without noise"),
  { ...tile(512, 32, "AIHWKIT 15.7, Lightning 39.2, as one tile"), inputs: 2048, outputs: 1024 },
  tile(1, 6, "AIHWKIT 3.3, Lightning 1.1"),
  {
    ...tile(64, 6, "AIHWKIT 0.58"),
    work: "8-bit, noise, IR drop, PCM read noise",
    make: everyEffect,
  },
];

function tile(rows: number, goal: number, peers: string): ProductCase {
  const work = "8-bit DAC + ADC, output noise";
  return { work, inputs: 512, outputs: 512, rows, goal, peers, make: analog };
}

/** One call of a case, ready to be timed. */
export function workOf(engine: WasmEngine, c: ProductCase): () => void {
  const projection = c.make(engine, c.inputs, c.outputs);
  const x = normals(engine, c.rows * c.inputs, 7);
  const y = new Float32Array(c.rows * c.outputs);
  const rowIds = Uint32Array.from({ length: c.rows }, (_, row) => row);
  return () => projection.apply(x, c.rows, rowIds, y);
}

export function timeProduct(engine: WasmEngine, c: ProductCase): Timing {
  const timing = timeOf(workOf(engine, c));
  engine.release();
  return timing;
}

/** Billions of multiply-accumulates per second. */
export function gmacsOf(c: ProductCase, ms: number): number {
  return (c.inputs * c.outputs * c.rows) / ms / 1e6;
}
