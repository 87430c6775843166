import { describe, expect, test } from "vitest";
import { LANE_OPS } from "../../src/cost/components/lane-ops.ts";
import { createPriceList } from "../../src/cost/price.ts";
import type { Price } from "../../src/model/op.ts";
import { loadArch } from "./load-arch.ts";

const arch = loadArch("hetero-pcm");
const { price, hop_ps, messageCharge } = createPriceList(arch);
const energy_pJ = ({ charges }: Price) => charges.reduce((sum, row) => sum + row.energy_pJ, 0);

describe("prices of hetero-pcm, by hand", () => {
  test("vector core: 128 lanes at 1 GHz, the last group in part", () => {
    const p = price({ kind: "vector", core: 1, fn: "rms-norm", elements: 300 });
    expect(p.duration_ps).toBe(3 * 4 * 1000);
    expect(p.charges).toEqual([
      { component: "vector core", action: "rms-norm", count: 1200, energy_pJ: 1200 * 0.3758 },
    ]);
  });

  test("local unit of a tile: 8 lanes keep up with 512 columns in one MVM", () => {
    const scaling = {
      kind: "tile-vector",
      tileKind: 0,
      fn: "multiply-add",
      elements: 512,
    } as const;
    const mvm = { kind: "mvm", tileKind: 0, rows: 512, cols: 512 } as const;
    expect(price(scaling).duration_ps).toBe(128_000);
    expect(price(scaling).duration_ps).toBeLessThanOrEqual(price(mvm).duration_ps);
  });

  test("matrix product: arithmetic only, ramps in the time", () => {
    const p = price({ kind: "matmul", core: 0, batch: 1, tokens: 1, inputs: 256, outputs: 128 });
    expect(p.duration_ps).toBe((128 + 128 + 1) * 1000);
    expect(p.tail_ps).toBe((128 + 128 - 2) * 1000);
    expect(energy_pJ(p)).toBeCloseTo(256 * 128 * 1.062, 6);
  });

  test("memory: bandwidth keeps it busy, latency only delays", () => {
    const p = price({ kind: "memory", memory: 1, access: "read", bytes: 721_600 });
    expect(p).toEqual({
      duration_ps: 1_000_000,
      tail_ps: 100_000,
      charges: [{ component: "hbm", action: "read", count: 721_600, energy_pJ: 721_600 * 50 }],
    });
    const write = price({ kind: "memory", memory: 0, access: "write", bytes: 10 });
    expect(energy_pJ(write)).toBeCloseTo(10 * 4.283, 6);
  });

  test("message: serialised on a link, charged by bytes and hops", () => {
    const p = price({ kind: "message", bytes: 512 });
    expect(p).toEqual({ duration_ps: 16_000, tail_ps: 0, charges: [] });
    expect(hop_ps).toBe(5_000);
    const { count, energy_pJ: charged_pJ } = messageCharge(512, 3);
    expect(count).toBe(1536);
    expect(charged_pJ).toBeCloseTo(1536 * arch.interconnect.hop_pJ_per_B, 9);
  });

  test("programming: as the tile says", () => {
    const p = price({ kind: "program", tileKind: 0 });
    expect(p.duration_ps).toBe(arch.tiles[0]!.programming.crossbar_ns * 1000);
    expect(energy_pJ(p)).toBe(arch.tiles[0]!.programming.crossbar_pJ);
  });
});

test("a roofline core takes compute time only; its power is constant", () => {
  const gpu = createPriceList(loadArch("gpu-a100-roofline"));
  const p = gpu.price({
    kind: "matmul",
    core: 0,
    batch: 2,
    tokens: 78,
    inputs: 1000,
    outputs: 1000,
  });
  expect(p).toMatchObject({ duration_ps: 1_000_000, tail_ps: 0 });
  expect(energy_pJ(p)).toBe(0);
});

test("a function with a price of its own is not counted in lane operations", () => {
  const { price: price3d } = createPriceList(loadArch("pcm-3d"));
  const norm = price3d({ kind: "vector", core: 1, fn: "rms-norm", elements: 513 });
  expect(norm.duration_ps).toBe(100_000);
  expect(energy_pJ(norm)).toBe(2 * 20.96);
  const softmax = price3d({ kind: "vector", core: 1, fn: "softmax", elements: 32 });
  expect(softmax.duration_ps).toBe(LANE_OPS.softmax * 1000);
});

test("asking a core for what it cannot do is a bug, said with its name", () => {
  expect(() => price({ kind: "vector", core: 0, fn: "add", elements: 1 })).toThrow(/systolic core/);
  expect(() =>
    price({ kind: "matmul", core: 9, batch: 1, tokens: 1, inputs: 1, outputs: 1 }),
  ).toThrow(/no entry 9/);
});
