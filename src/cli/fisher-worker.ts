/** What runs in a worker thread: the curvature of some windows of the calibration text. */
import { workerData } from "node:worker_threads";
import type { Workload } from "../model/workload.ts";
import type { EngineName } from "../numerics/engine.ts";
import { type FisherPart, fisherPart, type Gathering } from "../scoring/fisher.ts";
import { assembleDecoder, type ModelWeights } from "../transformer/assemble.ts";
import type { TokenWindow } from "../transformer/batch.ts";
import { openEngine } from "./open-engine.ts";

export interface FisherSetup {
  readonly workload: Workload;
  /** In shared memory. */
  readonly weights: ModelWeights;
  readonly windows: readonly TokenWindow[];
  readonly gathering: Gathering;
  readonly kernel: EngineName;
}

const setup = workerData as FisherSetup;
const { digital, attend } = await openEngine(setup.kernel);
const decoder = assembleDecoder(
  setup.workload,
  setup.weights,
  (matrix, values) => digital(values, matrix.outputs, matrix.inputs),
  attend,
);

export default function run(part: readonly [number, number]): FisherPart {
  const model = { decoder, weights: setup.weights.matrices, digital };
  return fisherPart(model, setup.windows, part, setup.gathering);
}
