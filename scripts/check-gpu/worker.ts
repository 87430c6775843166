/** Reads and programs matrices in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { openFolder } from "../../src/cli/model-weights.ts";
import { type GpuPlan, programHere } from "../../src/gpu/evaluate.ts";
import { type WeightMatrix, weightMatrices } from "../../src/model/matrix.ts";
import type { AnalogMatrix } from "../../src/numerics/engine.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";

const { plan, folder, tileKinds, seed } = workerData as {
  plan: GpuPlan;
  folder: string;
  tileKinds: Int32Array;
  seed: number;
};
const checkpoint = await openFolder(folder, plan.workload);
const program = programHere(plan, createEngine("wasm"));
const matrices: readonly WeightMatrix[] = weightMatrices(plan.workload);

parentPort!.on("message", async (id: number) => {
  const matrix = matrices[id]!;
  const weights = await checkpoint.matrix(matrix);
  if (tileKinds[id]! < 0) {
    const copy = weights.slice();
    parentPort!.postMessage({ id, weights: copy }, [copy.buffer]);
    return;
  }
  const made: AnalogMatrix = await program(matrix, { tileKinds, seed }, weights);
  const buffers = new Set<ArrayBuffer>();
  for (const block of made.blocks) {
    if (block.weights.buffer instanceof ArrayBuffer) buffers.add(block.weights.buffer);
  }
  parentPort!.postMessage({ id, matrix: made }, [...buffers]);
});
