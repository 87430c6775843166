import { describe, expect, test } from "vitest";
import { digitalModel } from "../../src/accuracy/stream-evaluator.ts";
import { streamPredictions } from "../../src/accuracy/stream-model.ts";
import { openSessionGpu, routingOnGpu } from "../../src/cli/gpu-session.ts";
import { openGpu } from "../../src/gpu/context.ts";
import { tilesOf } from "../../src/gpu/tiles.ts";
import { createEngine } from "../../src/numerics/engines/index.ts";
import { createRoutingRecord, routingTrace } from "../../src/scoring/routing-trace.ts";
import { plainDecoder, SMALL } from "../transformer/random-model.ts";
import { noSoftwareDriver, softwareInstance } from "./open.ts";
import { plan, source, weights } from "./small.ts";

const wanted = routingTrace(plainDecoder(SMALL, weights), plan.windows);

test("a model that is read layer by layer routes alike", async () => {
  const record = createRoutingRecord(SMALL);
  const model = digitalModel(SMALL, source, createEngine("wasm"));
  await streamPredictions(model, plan.windows, () => {}, { onRouting: record.onRouting });
  expect(record.entries()).toEqual(wanted);
});

describe.skipIf(noSoftwareDriver !== null)(
  `routing on the GPU (skipped: ${noSoftwareDriver})`,
  () => {
    test("every token of every layer chooses the experts that it chooses on the CPU", async () => {
      const engine = createEngine("wasm");
      const gpu = await openSessionGpu("webgpu", engine, () => openGpu(softwareInstance()));
      // Two chunks: 30 tokens, and 18.
      const options = { memory_B: 1e8, chunkRows: 30, tiles: tilesOf(16, 16) };
      const entries = await routingOnGpu(gpu, plan, source, options);
      expect(entries).toHaveLength(48);
      expect(entries).toEqual(wanted);
    });
  },
);
