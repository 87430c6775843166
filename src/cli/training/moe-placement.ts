/** The placement that a training file names, on one kind of tile. */
import { createMatrixRises } from "../../accuracy/surrogate.ts";
import type { Checkpoint } from "../../checkpoint/checkpoint.ts";
import type { AnalogTile } from "../../model/arch.ts";
import { InputError } from "../../model/issue.ts";
import { weightMatrices } from "../../model/matrix.ts";
import type { Workload } from "../../model/workload.ts";
import type { TokenWindow } from "../../transformer/batch.ts";
import type { Decoder } from "../../transformer/decoder.ts";
import { gatherScores } from "../expert-scores.ts";
import {
  needsRises,
  type PlacementRequest,
  place,
  readPlacement,
  scoresNeeded,
} from "../placements.ts";
import { modelSensitivities } from "../sensitivities.ts";

export interface PlacedModel {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly workload: Workload;
  readonly tile: AnalogTile;
  /** All-digital. */
  readonly decoder: Decoder;
  readonly calibration: readonly TokenWindow[];
}

/** Placements by predicted loss are for the age at which networks are to be iso-accurate. */
const AGE_S = 3600;

/**
 * Ranks by layer, and neurons by column, as the command line does where nothing else is said.
 *
 * @returns what finds the kind of tile of each matrix, 0 or -1: digital, on the model as it came
 */
export function createPlacer(model: PlacedModel) {
  const known = new Map<string, Promise<Int32Array>>();
  return (text: string, file: string, seed: number): Promise<Int32Array> => {
    const found = known.get(text) ?? tileKindsOf(model, text, file, seed);
    known.set(text, found);
    return found;
  };
}

async function tileKindsOf(
  model: PlacedModel,
  text: string,
  file: string,
  seed: number,
): Promise<Int32Array> {
  const request = readAt(text, model.workload, file);
  const { checkpoint, workload, decoder, calibration } = model;
  const session = { decoder, calibration: { name: file, sha256: "", windows: calibration } };
  const scores = await gatherScores(scoresNeeded([request]), {
    ...{ workload, checkpoint, session, quiet: true },
    ...{ scoresFile: undefined, downAxis: "column" },
  });
  const rises = needsRises([request])
    ? { predictedRises_nats: await predictedRises(model, seed) }
    : {};
  const matrices = weightMatrices(workload);
  const basis = { matrices, scores, ranking: "layer", seed, ...rises } as const;
  const { targets } = place(request, basis, () => {});
  return Int32Array.from(targets, (target) => (target === "analog" ? 0 : -1));
}

function readAt(text: string, workload: Workload, file: string): PlacementRequest {
  try {
    return readPlacement(text, workload);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      file,
      error.issues.map((issue) => ({ ...issue, pointer: "/network/placement" })),
    );
  }
}

async function predictedRises(model: PlacedModel, seed: number): Promise<readonly number[]> {
  const { folder, checkpoint, workload, tile } = model;
  const run = { context_tokens: 256, seed, kernel: "wasm", jobs: 1, quiet: true } as const;
  const found = await modelSensitivities({ folder, checkpoint, workload, ...run }, [tile]);
  return createMatrixRises(found)(tile, AGE_S, 1).map((rise) =>
    rise === null ? 0 : rise.total_nats - rise.weightSlope_nats,
  );
}
