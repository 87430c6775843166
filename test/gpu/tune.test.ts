import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GpuContext, openGpu } from "../../src/gpu/context.ts";
import { createRecorder, type Recorder } from "../../src/gpu/recorder.ts";
import { type TileChoice, tilesOfChoice, tuneTiles, usualChoices } from "../../src/gpu/tune.ts";
import { hasDawn, nullInstance } from "./open.ts";

const SHAPES = [{ M: 16, N: 16, K: 32 }];

/** Products take a time that the name of their shader decides; every run is measured as it would be. */
function withClock(recorder: Recorder, gpu: GpuContext, nsOf: (key: string) => number): Recorder {
  let total = 0;
  return {
    ...recorder,
    gpu,
    dispatch: (key, ...rest) => {
      if (key.startsWith("analog")) total += nsOf(key);
      if (key.startsWith("pack")) recorder.dispatch(key, ...rest);
    },
    measure_ns: async (record) => {
      total = 0;
      record();
      return total;
    },
  };
}

describe.skipIf(!hasDawn)("tiles by measurement (skipped without npm package webgpu)", () => {
  let gpu: GpuContext;
  let recorder: Recorder;
  beforeAll(async () => {
    const opened = await openGpu(nullInstance());
    recorder = createRecorder(opened);
    gpu = { ...opened, matrixShapes: SHAPES, isSoftware: false };
  });
  afterAll(() => {
    recorder.release();
    gpu.close();
  });

  test("the candidate that is fastest wins, whichever it is", async () => {
    const all: { choice: TileChoice; load: string }[] = [];
    await tuneTiles(
      withClock(recorder, gpu, () => 1e6),
      (choice, load) => all.push({ choice, load }),
    );
    expect(all.length).toBeGreaterThan(6);
    for (const { choice, load } of [all[1]!, all.at(-2)!]) {
      const { matrix, analog } = tilesOfChoice(gpu, choice);
      const own = JSON.stringify(choice.byMatrix ? matrix : analog);
      const fast = (key: string): number => (key.includes(own) ? 1e6 : 2e6);
      const chosen = await tuneTiles(withClock(recorder, gpu, fast));
      expect(chosen[load as "many" | "few"]).toEqual(choice);
    }
  });

  test("without matrix instructions dots are measured, and no candidate needs what is not there", async () => {
    const plain = { ...gpu, matrixShapes: [] };
    const seen: TileChoice[] = [];
    const chosen = await tuneTiles(
      withClock(recorder, plain, () => 1e6),
      (choice) => seen.push(choice),
    );
    expect(seen.every((choice) => !choice.byMatrix)).toBe(true);
    expect(chosen.many.byMatrix).toBe(false);
    // 64 x 64 takes more workgroup memory than the null device has.
    expect(tilesOfChoice(gpu, usualChoices(gpu).many).matrix).toBeNull();
    expect(tilesOfChoice(gpu, usualChoices(gpu).few).matrix).not.toBeNull();
    expect(tilesOfChoice(plain, usualChoices(plain).many).matrix).toBeNull();
  });
});
