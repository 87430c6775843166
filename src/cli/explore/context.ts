/** All that evaluating points needs: plain data, so that worker threads and tasks of a cluster get the same. */

import type { AnswerWindow } from "../../accuracy/answers.ts";
import type { AccuracySensitivities } from "../../accuracy/surrogate.ts";
import type { Base } from "../../explore/resolve.ts";
import type { TextScore } from "../../model/evaluation.ts";
import type { Sweep } from "../../model/sweep.ts";
import type { Workload } from "../../model/workload.ts";
import type { EngineName } from "../../numerics/engine.ts";
import type { PlacementProblem } from "../../placement/strategy.ts";
import type { ModelWeights } from "../../transformer/assemble.ts";
import type { TokenWindow } from "../../transformer/batch.ts";

/** A model whose accuracy can be told. Big arrays are in shared memory. */
export interface ModelContext {
  readonly folder: string;
  readonly weights: ModelWeights;
  readonly windows: readonly TokenWindow[];
  readonly pairs: readonly AnswerWindow[];
  readonly calibration: readonly TokenWindow[];
  /** Log-probabilities of the all-digital model. */
  readonly reference: Float32Array;
  /** The all-digital model on the text. */
  readonly digital: TextScore;
  readonly kernel: EngineName;
}

export interface ExploreContext {
  /** Name of the space file, for messages. */
  readonly file: string;
  readonly sweep: Sweep;
  readonly base: Base;
  readonly workload: Workload;
  readonly scores: PlacementProblem["scores"];
  /** null: no checkpoint, or no accuracy asked for. */
  readonly model: ModelContext | null;
  /** For the surrogate; null: no accuracy is predicted. */
  readonly sensitivities: AccuracySensitivities | null;
  /** Where points are evaluated: local or slurm. */
  readonly engine: string;
  /** Of everything that results depend on; part of the hash of a point. */
  readonly space_sha256: string;
}
