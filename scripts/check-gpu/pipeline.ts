/** Speed and correctness of the analog product alone: codes, product, noise, ADC, accumulation. */
import type { GpuContext } from "../../src/gpu/context.ts";
import { densePlan } from "../../src/gpu/plan.ts";
import { createBuffer, createRecorder, type Recorder, upload } from "../../src/gpu/recorder.ts";
import { matrixMemory_B } from "../../src/gpu/shaders/analog-matrix.ts";
import { createStage } from "../../src/gpu/stage.ts";
import { type Tiles, tilesOf } from "../../src/gpu/tiles.ts";
import { timeRuns } from "../../src/gpu/timing.ts";
import { splitIntoBlocks } from "../../src/mapping/split.ts";
import type { AnalogMatrix } from "../../src/numerics/engine.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { fillNormals } from "../../src/random/philox.ts";

const INPUTS = 2048;
const OUTPUTS = 1024;
const CROSSBAR = { rows: 512, cols: 512 };
const WINDOWS = { windows: 7, window_ns: 6e7 };

/** Random weights, 8-bit inputs with dynamic range, output noise, 8-bit ADC. */
export function randomMatrix(
  id: number,
  inputs = INPUTS,
  outputs = OUTPUTS,
  readNoise = 0,
): AnalogMatrix {
  const engine = createEngine("wasm");
  const blocks = splitIntoBlocks({ rows: inputs, cols: outputs }, CROSSBAR).map((block, index) => {
    const cols = block.colEnd - block.colBegin;
    const weights = new Float32Array(cols * (block.rowEnd - block.rowBegin));
    const address = { seed: 1, matrix: id, block: index, row: 0 };
    engine.fillNormals(weights, { ...address, purpose: "programming-plus" });
    for (let i = 0; i < weights.length; i++)
      weights[i] = Math.max(-1, Math.min(1, weights[i]! / 4));
    const scale = new Float32Array(cols).fill(0.1);
    return { ...block, weights, scale, inputRange: 0 };
  });
  return {
    ...{ inputs, outputs, blocks, seed: 7, matrix: id },
    periphery: {
      ...{ inputLevels: 127, outputLevels: 127, outputBound: 12, outputNoise: 0.04 },
      ...{ readNoise, irDrop: 0, irDropConductanceRatio: 1 },
    },
  };
}

export function randomInputs(rows: number, inputs: number): Float32Array {
  const x = new Float32Array(rows * inputs);
  fillNormals(x, { seed: 2, matrix: 0, block: 0, purpose: "input", row: 0 });
  return x;
}

/** The same rows again and again: millions of normals take seconds. */
function manyInputs(rows: number, inputs: number): Float32Array {
  const few = randomInputs(Math.min(rows, 1024), inputs);
  const x = new Float32Array(rows * inputs);
  for (let at = 0; at < x.length; at += few.length)
    x.set(few.subarray(0, Math.min(few.length, x.length - at)), at);
  return x;
}

/** Share of outputs that differ from the WASM engine's, and the largest difference in ADC codes. */
export async function compareProduct(
  recorder: Recorder,
  tiles: Tiles,
  matrix: AnalogMatrix,
  rows: number,
): Promise<{ readonly outputs: number; readonly different: number; readonly inCodes: number }> {
  const x = randomInputs(rows, matrix.inputs);
  const rowIds = Uint32Array.from({ length: rows }, (_, i) => 3 * i + 5);
  const expected = new Float32Array(rows * matrix.outputs);
  createEngine("wasm").analog(matrix).apply(x, rows, rowIds, expected);
  const stage = createStage(recorder, tiles, matrix, [{ kind: "analog", matrix }]);
  const y = createBuffer(recorder.gpu, expected.byteLength);
  const input = upload(recorder.gpu, x);
  const plan = densePlan(recorder.gpu, rowIds, [0], tiles.rows);
  stage.run({ x: input, y, plan });
  const got = new Float32Array(await recorder.read(y, expected.byteLength));
  stage.dispose();
  for (const buffer of [y, input, plan.buffer]) buffer.destroy();
  const { periphery, blocks } = matrix;
  const step = (periphery.outputBound / periphery.outputLevels) * blocks[0]!.scale[0]!;
  let different = 0;
  let inCodes = 0;
  expected.forEach((value, i) => {
    // A code is worth at least the step times a hundredth of a unit of input.
    const codes = Math.abs(value - got[i]!) / step;
    if (codes > 0.01) different++;
    inCodes = Math.max(inCodes, codes);
  });
  return { outputs: expected.length, different, inCodes };
}

interface Candidate {
  readonly name: string;
  readonly tiles: Tiles;
}

function candidates({ matrixShapes, device }: GpuContext): readonly Candidate[] {
  const most_B = device.limits.maxComputeWorkgroupStorageSize;
  const dots = [
    [128, 64],
    [64, 64],
  ].map(([rows, columns]) => ({
    name: `dot ${rows}x${columns}`,
    tiles: tilesOf(rows!, columns!, [], { dot: { unrolled: true } }),
  }));
  const matrices = matrixShapes.flatMap((shape) =>
    [
      [64, 64],
      [128, 64],
      [32, 64],
    ].map(([rows, columns]) => ({
      name: `matrix ${rows}x${columns} by ${shape.M}x${shape.N}x${shape.K}`,
      tiles: tilesOf(rows!, columns!, [shape]),
    })),
  );
  const fits = matrices.filter(
    ({ tiles: { matrix } }) => matrix !== null && matrixMemory_B(matrix) <= most_B,
  );
  return [...dots, ...fits];
}

/** GMAC/s of each candidate: one matrix at 4,096 rows, and 64 matrices at 128 rows each. */
export async function measurePipeline(gpu: GpuContext, say: (line: string) => void): Promise<void> {
  const recorder = createRecorder(gpu);
  const one = randomMatrix(0);
  const many = Array.from({ length: 64 }, (_, id) => ({ ...one, matrix: id }));
  const noisy = randomMatrix(0, INPUTS, OUTPUTS, 0.0175);
  for (const { name, tiles } of candidates(gpu)) {
    for (const [matrices, each] of [
      [[one], 4096],
      [many, 128],
      [[noisy], 4096],
    ] as const) {
      try {
        const rate = await rateOf(recorder, tiles, matrices, each);
        const what = matrices[0] === noisy ? " with read noise" : "";
        say(`pipeline ${name}: ${matrices.length} x ${each}${what}: ${rate}`);
      } catch (error) {
        say(`pipeline ${name}: ${matrices.length} x ${each}: ${error}`);
      }
    }
  }
  recorder.release();
}

/** What a product's dispatches take, each kind alone. */
export async function profilePipeline(gpu: GpuContext, say: (line: string) => void): Promise<void> {
  const whole = createRecorder(gpu);
  const matrix = randomMatrix(0);
  const quiet = { ...matrix, periphery: { ...matrix.periphery, outputNoise: 0 } };
  const cases = [
    ["dot 64x64", tilesOf(64, 64, [], { dot: { unrolled: true } })],
    ["matrix 64x64", tilesOf(64, 64, gpu.matrixShapes)],
  ] as const;
  for (const [name, tiles] of cases)
    for (const only of ["codes", "analog"])
      for (const [noise, m] of [
        ["noise", matrix],
        ["no noise", quiet],
      ] as const) {
        const recorder: Recorder = {
          ...whole,
          dispatch: (key, ...rest) => {
            if (key.startsWith(only) || key === "pack") whole.dispatch(key, ...rest);
          },
        };
        say(`profile ${name}: ${only}, ${noise}: ${await rateOf(recorder, tiles, [m], 4096)}`);
      }
  whole.release();
}

async function rateOf(
  recorder: Recorder,
  tiles: Tiles,
  matrices: readonly AnalogMatrix[],
  each: number,
): Promise<string> {
  const { gpu } = recorder;
  const members = matrices.map((matrix) => ({ kind: "analog", matrix }) as const);
  const stage = createStage(recorder, tiles, matrices[0]!, members);
  const rows = each * matrices.length;
  const x = upload(gpu, manyInputs(rows, INPUTS));
  const y = createBuffer(gpu, 4 * rows * OUTPUTS);
  const rowIds = Uint32Array.from({ length: each }, (_, i) => i);
  const plan = densePlan(
    gpu,
    rowIds,
    matrices.map((_, i) => i),
    tiles.rows,
  );
  const io = { x, y, plan };
  const timing = await timeRuns(recorder, () => stage.run(io), WINDOWS);
  stage.dispose();
  for (const buffer of [x, y, plan.buffer]) buffer.destroy();
  const macs = rows * INPUTS * OUTPUTS;
  const { best_ns, median_ns, runs } = timing;
  const gmac = (ns: number): string => (macs / ns).toFixed(0);
  return `${gmac(best_ns)} GMAC/s best, ${gmac(median_ns)} median of ${WINDOWS.windows} windows of ${runs} (${(best_ns / 1e3).toFixed(1)} us)`;
}
