/** Tile shapes that are fastest on the adapter at hand: measured, since compilers decide by luck. */
import type { AnalogBlock, AnalogMatrix } from "../numerics/engine.ts";
import { fillNormals } from "../random/philox.ts";
import type { GpuContext } from "./context.ts";
import { densePlan } from "./plan.ts";
import { createBuffer, type Recorder, upload } from "./recorder.ts";
import { dotMemory_B } from "./shaders/analog.ts";
import { matrixMemory_B } from "./shaders/analog-matrix.ts";
import { createStage } from "./stage.ts";
import { type TileOptions, type Tiles, tilesOf } from "./tiles.ts";
import { timeRuns } from "./timing.ts";

/** A shape that can be kept as JSON. */
export interface TileChoice {
  readonly rows: number;
  readonly columns: number;
  /** By matrix instructions of a subgroup. */
  readonly byMatrix: boolean;
  readonly options: TileOptions;
}

/** For experts with many rows each, and with few. */
export interface TileChoices {
  readonly many: TileChoice;
  readonly few: TileChoice;
}

/** From so many rows an expert on they are many. */
export const MANY_ROWS = 48;

const WINDOWS = { windows: 3, window_ns: 2e7 };

const UNROLLED = { dot: { unrolled: true } };
const dot = (rows: number, columns: number, options: TileOptions = UNROLLED): TileChoice => ({
  ...{ rows, columns, options, byMatrix: false },
});
const matrix = (rows: number, columns: number, own: TileOptions["matrix"] = {}): TileChoice => ({
  ...{ rows, columns, byMatrix: true },
  options: { ...UNROLLED, matrix: own },
});

/** At most 64 rows: the room for extra sums is made for that; see `room.ts`. */
const CANDIDATES: Readonly<Record<keyof TileChoices, readonly TileChoice[]>> = {
  many: [
    matrix(64, 64),
    matrix(64, 64, { down: 4, across: 2 }),
    matrix(64, 64, { down: 2, across: 2 }),
    dot(64, 64),
    dot(64, 64, { dot: { unrolled: true, rowsEach: 4 } }),
    dot(64, 64, { dot: { unrolled: true, words: 16 } }),
  ],
  few: [
    matrix(32, 64),
    matrix(32, 64, { down: 2, across: 2 }),
    matrix(64, 64),
    dot(32, 64),
    dot(32, 32),
    dot(64, 64),
  ],
};

/** What is used where nothing was measured: the fastest on an H100. */
export function usualChoices({ isSoftware }: GpuContext): TileChoices {
  // A processor takes minutes to compile a long shader.
  const options: TileOptions = { dot: { unrolled: !isSoftware } };
  const both = { columns: 64, byMatrix: true, options };
  return { many: { rows: 64, ...both }, few: { rows: 32, ...both } };
}

/**
 * Dots where the adapter has no matrix instructions, or too little workgroup memory for the tile.
 *
 * @param own options that a model asks for whatever is fastest
 */
export function tilesOfChoice(
  { matrixShapes, device }: GpuContext,
  { rows, columns, byMatrix, options }: TileChoice,
  own: TileOptions["matrix"] = {},
): Tiles {
  const tiles = tilesOf(rows, columns, byMatrix ? matrixShapes : [], {
    ...options,
    matrix: { ...options.matrix, ...own },
  });
  const most_B = device.limits.maxComputeWorkgroupStorageSize;
  const fits = tiles.matrix !== null && matrixMemory_B(tiles.matrix) <= most_B;
  return fits ? tiles : { ...tiles, matrix: null };
}

/** Rows of each of some matrices: what the candidates compute. */
const LOADS: Readonly<
  Record<keyof TileChoices, { readonly groups: number; readonly rows: number }>
> = { many: { groups: 16, rows: 128 }, few: { groups: 64, rows: 16 } };

/**
 * Builds each candidate and times a few runs of it; takes half a minute.
 *
 * @param seen is told every candidate's speed in multiply-adds a nanosecond
 * @throws GpuError where the adapter has no clock
 */
export async function tuneTiles(
  recorder: Recorder,
  seen: (choice: TileChoice, load: keyof TileChoices, mac_per_ns: number) => void = () => {},
): Promise<TileChoices> {
  const one = noisyMatrix();
  const best = async (load: keyof TileChoices): Promise<TileChoice> => {
    let fastest = usualChoices(recorder.gpu)[load];
    let most = 0;
    // What slows a run down is never the tile alone: the better of two rounds counts.
    for (let round = 0; round < 2; round++)
      for (const choice of CANDIDATES[load]) {
        const tiles = tilesOfChoice(recorder.gpu, choice);
        if (!isPossible(recorder.gpu, choice, tiles)) continue;
        const speed = await speedOf(recorder, tiles, one, LOADS[load]);
        seen(choice, load, speed);
        if (speed > most) fastest = choice;
        most = Math.max(most, speed);
      }
    return fastest;
  };
  return { many: await best("many"), few: await best("few") };
}

const isPossible = ({ device }: GpuContext, { byMatrix }: TileChoice, tiles: Tiles): boolean =>
  byMatrix
    ? tiles.matrix !== null
    : dotMemory_B(tiles.analog) <= device.limits.maxComputeWorkgroupStorageSize;

const SIDE = 1024;
const CROSSBAR = 512;

/** A matrix of 2 x 2 crossbars with output noise and an 8-bit ADC. */
function noisyMatrix(): AnalogMatrix {
  const blocks: AnalogBlock[] = [];
  for (let rowBegin = 0; rowBegin < SIDE; rowBegin += CROSSBAR)
    for (let colBegin = 0; colBegin < SIDE; colBegin += CROSSBAR) {
      const weights = new Float32Array(CROSSBAR * CROSSBAR);
      const block = blocks.length;
      fillNormals(weights, { seed: 1, matrix: 0, block, purpose: "programming-plus", row: 0 });
      const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      const ends = { rowEnd: rowBegin + CROSSBAR, colEnd: colBegin + CROSSBAR };
      blocks.push({
        ...{ rowBegin, colBegin, ...ends, inputRange: 0 },
        weights: weights.map((w) => w / largest),
        scale: new Float32Array(CROSSBAR).fill(1),
      });
    }
  const periphery = {
    ...{ inputLevels: 127, outputLevels: 127, outputBound: 12, outputNoise: 0.04 },
    ...{ readNoise: 0, irDrop: 0, irDropConductanceRatio: 1 },
  };
  return { inputs: SIDE, outputs: SIDE, blocks, periphery, seed: 1, matrix: 0 };
}

/** Multiply-adds a nanosecond, by the median of the windows. */
async function speedOf(
  recorder: Recorder,
  tiles: Tiles,
  one: AnalogMatrix,
  { groups, rows }: { readonly groups: number; readonly rows: number },
): Promise<number> {
  const { gpu } = recorder;
  const members = Array.from({ length: groups }, (_, id) => ({
    ...{ kind: "analog", matrix: { ...one, matrix: id } },
  })) as readonly { readonly kind: "analog"; readonly matrix: AnalogMatrix }[];
  const stage = createStage(recorder, tiles, one, members);
  const inputs = new Float32Array(groups * rows * SIDE);
  fillNormals(inputs, { seed: 2, matrix: 0, block: 0, purpose: "input", row: 0 });
  const x = upload(gpu, inputs);
  const y = createBuffer(gpu, inputs.byteLength);
  const rowIds = Uint32Array.from({ length: rows }, (_, i) => i);
  const plan = densePlan(
    gpu,
    rowIds,
    members.map((_, i) => i),
    tiles.rows,
  );
  try {
    const { median_ns } = await timeRuns(recorder, () => stage.run({ x, y, plan }), WINDOWS);
    return (groups * rows * SIDE * SIDE) / median_ns;
  } finally {
    stage.dispose();
    for (const buffer of [x, y, plan.buffer]) buffer.destroy();
  }
}
