import { describe, expect, test } from "vitest";
import { countMvm } from "../../src/cost/actions.ts";
import { mvmTimes_ns, readPhases } from "../../src/cost/components/crossbar.ts";
import { createPriceList } from "../../src/cost/price.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { Price } from "../../src/model/op.ts";
import { loadArch } from "./load-arch.ts";

const energy_pJ = (price: Price, component?: string) =>
  price.charges
    .filter((row) => component === undefined || row.component === component)
    .reduce((total, row) => total + row.energy_pJ, 0);

const mvm = (arch: Arch, rows: number, cols: number) =>
  createPriceList(arch).price({ kind: "mvm", tileKind: 0, rows, cols });

describe("counts", () => {
  const tile = loadArch("isaac-ce").tiles[0]!;

  test("bit-serial inputs and sliced weights: by hand for 100 x 12 weights", () => {
    expect(countMvm(tile, { rows: 100, cols: 12 })).toEqual({
      phases: 16,
      rowDrives: 16 * 100,
      cellReads: 16 * 100 * 12 * 8,
      usedColumns: 96,
      samples: 16 * 96,
      conversions: 16 * 96,
      merges: 16 * 96,
      inputBytes: 200,
      outputBytes: 24,
    });
  });

  test("phases are whole: 8 bits, 3 at a time, take 3", () => {
    expect(readPhases({ input_bits: 8, bits_per_phase: 3 })).toBe(3);
  });
});

describe("time", () => {
  const stages = {
    phases: 4,
    integration_ns: 10,
    conversion_ns: 7,
    merge_ns: 1,
    load_ns: 2,
    store_ns: 3,
  };

  test("slow integration hides conversion; the last conversion shows in the latency", () => {
    expect(mvmTimes_ns(stages)).toEqual({ busy_ns: 40, latency_ns: 2 + 40 + 7 + 1 + 3 });
  });

  test("slow conversion sets the pace; the first integration shows in the latency", () => {
    expect(mvmTimes_ns({ ...stages, conversion_ns: 25 })).toEqual({
      busy_ns: 100,
      latency_ns: 2 + 10 + 100 + 1 + 3,
    });
  });

  test("a buffer that cannot keep up sets the pace", () => {
    expect(mvmTimes_ns({ ...stages, load_ns: 60 }).busy_ns).toBe(60);
  });

  test("hetero-pcm: 130 ns apart, 291 ns from input to output", () => {
    const { duration_ps, tail_ps } = mvm(loadArch("hetero-pcm"), 512, 512);
    expect(duration_ps).toBe(130_000);
    // 512 B in at 32 B/ns, integration, 8 conversions of 16 ns, merge, 512 B out.
    expect(duration_ps + tail_ps).toBe(16_000 + 130_000 + 128_000 + 1_000 + 16_000);
  });
});

describe("energy", () => {
  test("parts: unused rows and columns cost nothing", () => {
    const arch = loadArch("hetero-pcm");
    const whole = mvm(arch, 512, 512);
    const part = mvm(arch, 256, 64);
    const share = (component: string) =>
      energy_pJ(part, `pcm-tile ${component}`) / energy_pJ(whole, `pcm-tile ${component}`);
    expect(share("row driver")).toBeCloseTo(1 / 2, 12);
    expect(share("adc")).toBeCloseTo(1 / 8, 12);
    expect(share("crossbar")).toBeCloseTo(1 / 16, 12);
  });

  test("one figure for the whole: the same however little of it is used", () => {
    const arch = loadArch("pcm-3d");
    expect(energy_pJ(mvm(arch, 1, 1), "3d-tile crossbar")).toBe(10_000);
    expect(energy_pJ(mvm(arch, 512, 512), "3d-tile crossbar")).toBe(10_000);
  });

  test("hetero-pcm lies between the assumption of system studies and silicon", () => {
    const perMac_pJ = energy_pJ(mvm(loadArch("hetero-pcm"), 512, 512)) / 512 ** 2;
    expect(perMac_pJ).toBeGreaterThan(2 / 100); // 100 TOPS/W
    expect(perMac_pJ).toBeLessThan(0.205); // HERMES, 1-phase
  });
});
