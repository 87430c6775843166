/** One product on a GPU, from inputs to outputs. */
import { densePlan } from "../../src/gpu/plan.ts";
import { createBuffer, type Recorder, upload } from "../../src/gpu/recorder.ts";
import { createStage } from "../../src/gpu/stage.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import type { AnalogMatrix } from "../../src/numerics/engine.ts";

/** Software compiles small tiles in less time than it computes with large ones. */
const TILES = tilesOf(16, 16);

/** @param x [rows][inputs]; @returns [rows][outputs] */
export async function runProduct(
  recorder: Recorder,
  matrix: AnalogMatrix,
  x: Float32Array,
  rowIds: Uint32Array,
): Promise<Float32Array> {
  const { gpu } = recorder;
  const bytes = 4 * rowIds.length * matrix.outputs;
  const stage = createStage(recorder, TILES, matrix, [{ kind: "analog", matrix }]);
  const input = upload(gpu, x);
  const y = createBuffer(gpu, bytes);
  const plan = densePlan(gpu, rowIds, [0], TILES.rows);
  stage.run({ x: input, y, plan });
  const result = new Float32Array(await recorder.read(y, bytes));
  stage.dispose();
  for (const buffer of [input, y, plan.buffer]) buffer.destroy();
  return result;
}
