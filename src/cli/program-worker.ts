/** What runs in a worker thread: programming of matrices for the GPU. */
import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { type GpuPlan, programHere } from "../gpu/evaluate.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { AnalogMatrix } from "../numerics/engine.ts";
import { openEngine } from "./open-engine.ts";

export interface ProgramTask {
  readonly matrix: WeightMatrix;
  readonly kind: number;
  readonly seed: number;
  readonly weights: Float32Array;
}

const plan: GpuPlan = workerData;
const program = programHere(plan, await openEngine("wasm"));

export default async function run({ matrix, kind, seed, weights }: ProgramTask): Promise<unknown> {
  const tileKinds = new Int32Array(matrix.id + 1).fill(kind);
  return move(handedOver(await program(matrix, { tileKinds, seed }, weights)));
}

/** Weights change hands, they are not copied. */
function handedOver(matrix: AnalogMatrix) {
  const buffers = matrix.blocks.map(({ weights }) => weights.buffer);
  return { [transferableSymbol]: [...new Set(buffers)], [valueSymbol]: matrix };
}
