/**
 * What goes wrong with a GPU, and that nothing is lost by it.
 *
 * On Dawn's null backend, read as zeros: so every score says where it comes from.
 */
import { describe, expect, test } from "vitest";
import { createEvaluator } from "../../src/accuracy/evaluator.ts";
import { predictionsIn } from "../../src/accuracy/predictions.ts";
import type { AccuracySettings, PlacementScores } from "../../src/cli/accuracy-settings.ts";
import { completed, evaluateOnGpu, openSessionGpu } from "../../src/cli/gpu-session.ts";
import { type GpuContext, openGpu } from "../../src/gpu/context.ts";
import type { GpuOptions } from "../../src/gpu/evaluate.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { useUpMemory, withLimits, withZeros, wrapped } from "./faults.ts";
import { hasDawn, nullInstance } from "./open.ts";
import { kinds, plan, source, weights } from "./small.ts";

const engine = createEngine("wasm");
const settings = { seed: 3, seeds: 2, jobs: 1 } as AccuracySettings;
const placements = [
  kinds((m) => m.module === "expert"),
  kinds(() => false),
  kinds((m) => m.module === "expert" && m.expert === 1),
];
/** One task a pass. */
const options: GpuOptions = { memory_B: 1, chunkRows: 200, tiles: tilesOf(16, 16) };

/** The next engine's scores of some placements. */
async function onCpu(own: readonly Int32Array[]): Promise<readonly PlacementScores[]> {
  const reference = new Float32Array(predictionsIn(plan.windows) * plan.workload.vocabulary_tokens);
  const evaluator = createEvaluator({ ...plan, weights, reference }, engine);
  const digital = evaluator.scoreReference(0, plan.windows.length);
  return own.map((tileKinds) => {
    const isAnalog = tileKinds.some((kind) => kind >= 0);
    const tasks = (isAnalog ? [3, 4] : [0]).map((seed) => ({ tileKinds, seed }));
    const text = isAnalog ? tasks.map(evaluator.scoreText) : [digital];
    return { text, pairs: tasks.map(evaluator.scorePairs) };
  });
}

/** What the null backend makes of a placement. */
const nothing = (seeds: readonly number[]): PlacementScores => ({
  text: seeds.map((seed) => ({
    ...{ seed, predictions: predictionsIn(plan.windows) },
    ...{ nll_sum_nats: 0, correct: 0, kl_sum_nats: 0 },
  })),
  pairs: seeds.map((seed) => ({ seed, pairs: 1, correct: 0 })),
});

const zeros = (): GPU => withZeros(nullInstance());

/** A session's GPU, what it said, and how often it was opened. */
async function session(open: () => Promise<GpuContext>) {
  const lines: string[] = [];
  let opened = 0;
  const counted = (): Promise<GpuContext> => {
    opened++;
    return open();
  };
  const gpu = await openSessionGpu("webgpu", engine, counted, (line) => lines.push(line));
  return { gpu, lines, opened: () => opened };
}

describe.skipIf(!hasDawn)("a GPU that fails (skipped without npm package webgpu)", () => {
  const faults: Readonly<Record<string, (device: GPUDevice) => void>> = {
    "the device is lost": (device: GPUDevice) => device.destroy(),
    "memory is used up": useUpMemory,
  };
  const said: Readonly<Record<string, RegExp>> = {
    "the device is lost": /device lost/,
    "memory is used up": /[Oo]ut of memory/,
  };

  test.each(Object.entries(faults))("%s in the middle of a run", async (name, fault) => {
    let context: GpuContext | null = null;
    const { gpu, lines, opened } = await session(async () => {
      context = await openGpu(zeros());
      return context;
    });
    expect(gpu.inUse()).toEqual({ kernel: "webgpu", fallbackReason: null });
    // Text and pairs of two seeds are four passes; the fifth is the next placement's.
    let passes = 0;
    const failing = {
      ...source,
      finalNorm: async () => {
        if (++passes === 5) fault(context!.device);
        return weights.finalNorm;
      },
    };
    const scores = await evaluateOnGpu(gpu, plan, failing, engine, placements, settings, options);
    expect(scores.map((own) => own === null)).toEqual([false, true, true]);
    const asked: number[] = [];
    const all = await completed(scores, placements, (rest) => {
      asked.push(rest.length);
      return onCpu(rest);
    });
    expect(asked).toEqual([2]);
    expect(all).toEqual([nothing([3, 4]), ...(await onCpu(placements.slice(1)))]);
    const { kernel, fallbackReason } = gpu.inUse();
    expect(kernel).toBe("wasm");
    expect(fallbackReason).toMatch(said[name]!);
    expect(fallbackReason).toContain("1 of 3 placements");
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(/^the GPU stopped: .*; the wasm engine goes on$/);
    // It is neither asked again nor complained about.
    const before = opened();
    expect(await evaluateOnGpu(gpu, plan, source, engine, placements, settings)).toEqual([
      ...[null, null, null],
    ]);
    expect([opened(), lines.length]).toEqual([before, 1]);
  });

  test.each([
    ["maxStorageBufferBindingSize", 1000, /buffer of \d+ bytes; the adapter binds 1000/],
    ["maxBufferSize", 1000, /buffer of \d+ bytes; the adapter binds 1000/],
    ["maxStorageBuffersPerShaderStage", 4, /binds 4 storage buffers, 8 are needed/],
    ["maxComputeInvocationsPerWorkgroup", 64, /runs 64 invocations in a workgroup/],
  ])("%s %i", async (limit, value, reason) => {
    const { gpu, lines } = await session(() => openGpu(withLimits(zeros(), { [limit]: value })));
    const scores = await evaluateOnGpu(gpu, plan, source, engine, placements, settings, options);
    expect(scores).toEqual([null, null, null]);
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(reason);
    expect(gpu.inUse().fallbackReason).toMatch(reason);
  });

  test("buffers that hold few variants are no failure: there are more passes", async () => {
    const passesWith = async (bytes: number): Promise<number> => {
      const limits = { maxStorageBufferBindingSize: bytes, maxBufferSize: bytes };
      const { gpu, lines } = await session(() => openGpu(withLimits(zeros(), limits)));
      let passes = 0;
      const counted = {
        ...source,
        finalNorm: async () => {
          passes++;
          return weights.finalNorm;
        },
      };
      const own = { ...options, memory_B: 1e9, chunkRows: 40 };
      const scores = await evaluateOnGpu(gpu, plan, counted, engine, placements, settings, own);
      expect(lines).toEqual([]);
      expect(scores).toEqual([nothing([3, 4]), nothing([0]), nothing([3, 4])]);
      return passes;
    };
    expect(await passesWith(2 ** 27)).toBe(2);
    // A window of 30 tokens takes 3 x 64 x 3 sums of 4 bytes a token and chosen expert.
    expect(await passesWith(60_000)).toBe(10);
  });

  test("no adapter", async () => {
    const none = wrapped(zeros(), { requestAdapter: async () => null });
    const { gpu, lines } = await session(() => openGpu(none));
    expect(gpu.inUse()).toEqual({
      kernel: "wasm",
      fallbackReason: "no GPU computes: no WebGPU adapter was found",
    });
    expect(lines.length).toBe(1);
  });

  test("what is no failure of a GPU is not swallowed", async () => {
    const { gpu } = await session(() => openGpu(zeros()));
    const broken = gpu.attempt(async () => {
      throw new Error("ours");
    });
    await expect(broken).rejects.toThrow("ours");
  });
});
