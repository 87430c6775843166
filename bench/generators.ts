/** Random numbers, and what programs crossbars with them. */
import { splitIntoBlocks } from "../src/mapping/split.ts";
import type { WasmEngine } from "../src/numerics/engines/wasm.ts";
import { programMatrix } from "../src/numerics/program.ts";
import type { fillNormals } from "../src/random/philox.ts";
import { type Timing, timeOf } from "./measure.ts";
import { normals } from "./synthetic.ts";

const DRAWS = 1 << 20;

/** Millions of normals per second. */
export function normalsPerSecond({ cpu_ms }: Timing): number {
  return DRAWS / cpu_ms / 1e3;
}

export function timeNormals(fill: typeof fillNormals): Timing {
  const out = new Float32Array(DRAWS);
  return timeOf(() => fill(out, { seed: 1, matrix: 0, block: 0, purpose: "output", row: 0 }));
}

const SIDE = 2048;
const DAY_S = 86_400;

/** 2048 x 2048 weights into 512 x 512 tiles of PCM, a day old, with global drift compensation. */
export function timeProgramming(engine: WasmEngine): Timing {
  const weights = normals(engine, SIDE * SIDE, 1);
  const blocks = splitIntoBlocks({ rows: SIDE, cols: SIDE }, { rows: 512, cols: 512 });
  const source = { source: "bench", evidence: "assumed" } as const;
  return timeOf(
    () =>
      programMatrix({
        weights,
        matrix: {
          id: 0,
          module: "expert",
          part: "up",
          layer: 0,
          expert: 0,
          inputs: SIDE,
          outputs: SIDE,
        },
        blocks,
        numerics: {
          devices: { kind: "pcm", ...source },
          weight_scaling: "column",
          weight_omega: 1,
          input_range: { kind: "dynamic" },
          output_bound: 10,
          output_noise: { std: 0.04, ...source },
          drift_compensation: "global",
        },
        inputBits: 8,
        outputBits: 8,
        inputRanges: null,
        seed: 1,
        noise_scale: 1,
        age_s: DAY_S,
        fillNormals: engine.fillNormals,
        ...(engine.writePairs && { writePairs: engine.writePairs }),
      }),
    5,
  );
}
