/** One decoder layer on the GPU: its weights, and how rows go through it. */
import { type Module, type Part, type WeightMatrix, weightMatrices } from "../model/matrix.ts";
import type { Workload } from "../model/workload.ts";
import type { LayerNorms } from "../transformer/decoder.ts";
import { headAttention } from "../transformer/supported.ts";
import type { Chunk } from "./chunk.ts";
import { type Recorder, upload } from "./recorder.ts";
import { createStage, type Member, type Stage } from "./stage.ts";
import {
  attend,
  attentionTile,
  chooseExperts,
  normalise,
  rotate,
  scatter,
  swiglu,
} from "./steps.ts";
import type { Tiles } from "./tiles.ts";

/** What a matrix is in each variant (placement and seed) of a pass. */
export type MembersOf = (matrix: WeightMatrix) => Promise<readonly Member[]>;

interface GatedStages {
  readonly gate: Stage;
  readonly up: Stage;
  readonly down: Stage;
  readonly features: number;
}

export interface GpuLayer {
  readonly run: (chunk: Chunk) => void;
  /** After the work that uses it was submitted. */
  readonly dispose: () => void;
}

/** Loads a layer for all variants of a pass. */
export async function loadLayer(
  recorder: Recorder,
  tiles: Tiles,
  workload: Workload,
  layer: number,
  norms: LayerNorms,
  membersOf: MembersOf,
): Promise<GpuLayer> {
  const own = weightMatrices(workload).filter((m) => m.layer === layer);
  const stages: Stage[] = [];
  const find = (module: Module, part: Part): readonly WeightMatrix[] =>
    own.filter((m) => m.module === module && m.part === part);
  const load = async (module: Module, part: Part): Promise<Stage> => {
    const matrices = find(module, part);
    // Groups are numbered variant by variant, expert by expert.
    const byMatrix = await Promise.all(matrices.map(membersOf));
    const members = byMatrix[0]!.flatMap((_, variant) => byMatrix.map((of) => of[variant]!));
    const stage = createStage(recorder, tiles, matrices[0]!, members);
    stages.push(stage);
    return stage;
  };
  const gated = async (module: Module): Promise<GatedStages> => ({
    gate: await load(module, "gate"),
    up: await load(module, "up"),
    down: await load(module, "down"),
    features: find(module, "gate")[0]!.outputs,
  });
  const has = (module: Module): boolean => own.some((m) => m.module === module);
  const attention = {
    q: await load("attention", "q"),
    k: await load("attention", "k"),
    v: await load("attention", "v"),
    o: await load("attention", "o"),
  };
  const dense = has("dense") ? await gated("dense") : null;
  const router = has("router") ? await load("router", "weight") : null;
  const experts = has("expert") ? await gated("expert") : null;
  const shared = has("shared") ? await gated("shared") : null;
  const weights = {
    input: upload(recorder.gpu, norms.input),
    postAttention: upload(recorder.gpu, norms.postAttention),
    q: norms.q && upload(recorder.gpu, norms.q),
    k: norms.k && upload(recorder.gpu, norms.k),
  };
  return {
    run: (chunk) => {
      runAttention(recorder, workload, chunk, attention, weights);
      const normed = recorder.scratch("normed", 4 * chunk.rows * workload.hidden_features);
      normalise(recorder, workload, chunk.hidden, weights.postAttention, chunk.rows, normed);
      const ownRows = { x: normed, y: chunk.hidden, plan: chunk.plan };
      if (dense !== null) runGated(recorder, dense, ownRows);
      if (router !== null && experts !== null)
        runExperts(recorder, workload, chunk, normed, router, experts);
      if (shared !== null) runGated(recorder, shared, ownRows);
    },
    dispose: () => {
      for (const stage of stages) stage.dispose();
      for (const buffer of Object.values(weights)) buffer?.destroy();
    },
  };
}

interface NormBuffers {
  readonly input: GPUBuffer;
  readonly q: GPUBuffer | null;
  readonly k: GPUBuffer | null;
}

function runAttention(
  recorder: Recorder,
  workload: Workload,
  chunk: Chunk,
  { q, k, v, o }: Readonly<Record<"q" | "k" | "v" | "o", Stage>>,
  norms: NormBuffers,
): void {
  const { heads, kv_heads, head_features } = headAttention(workload);
  const { rows, plan, hidden } = chunk;
  const floats = (name: string, width: number): GPUBuffer =>
    recorder.scratch(name, 4 * rows * width);
  const normed = floats("normed", workload.hidden_features);
  const queries = floats("q", heads * head_features);
  const keys = floats("k", kv_heads * head_features);
  const values = floats("v", kv_heads * head_features);
  const attended = floats("attended", heads * head_features);
  normalise(recorder, workload, hidden, norms.input, rows, normed);
  q.run({ x: normed, y: queries, plan });
  k.run({ x: normed, y: keys, plan });
  v.run({ x: normed, y: values, plan });
  rotate(recorder, workload, chunk, queries, heads, norms.q);
  rotate(recorder, workload, chunk, keys, kv_heads, norms.k);
  attend(
    recorder,
    workload,
    chunk,
    { queries, keys, values, attended },
    attentionTile(workload, recorder.gpu),
  );
  o.run({ x: attended, y: hidden, plan, accumulate: true });
}

/** y += down(silu(gate x) * up x) for rows in order. */
function runGated(
  recorder: Recorder,
  { gate, up, down, features }: GatedStages,
  io: { readonly x: GPUBuffer; readonly y: GPUBuffer; readonly plan: Chunk["plan"] },
): void {
  const count = io.plan.slots * features;
  const gated = recorder.scratch("gate", 4 * count);
  const ups = recorder.scratch("up", 4 * count);
  gate.run({ ...io, y: gated });
  up.run({ ...io, y: ups });
  swiglu(recorder, gated, ups, count);
  down.run({ ...io, x: gated, accumulate: true });
}

function runExperts(
  recorder: Recorder,
  workload: Workload,
  chunk: Chunk,
  normed: GPUBuffer,
  router: Stage,
  { gate, up, down, features }: GatedStages,
): void {
  const { experts } = workload.moe;
  const logits = recorder.scratch("router logits", 4 * chunk.rows * experts);
  router.run({ x: normed, y: logits, plan: chunk.plan });
  const { routed } = chunk;
  chooseExperts(recorder, workload, chunk, logits);
  const count = routed.plan.slots * features;
  const gated = recorder.scratch("gate", 4 * count);
  const ups = recorder.scratch("up", 4 * count);
  const downs = recorder.scratch("down", 4 * routed.plan.slots * workload.hidden_features);
  gate.run({ x: normed, y: gated, plan: routed.plan, gather: true });
  up.run({ x: normed, y: ups, plan: routed.plan, gather: true });
  swiglu(recorder, gated, ups, count);
  down.run({ x: gated, y: downs, plan: routed.plan });
  scatter(recorder, workload, chunk, downs);
}
