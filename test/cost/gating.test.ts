import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chipStatic_mW } from "../../src/cost/area.ts";
import { crossbarWrite } from "../../src/cost/components/programming.ts";
import { createPriceList } from "../../src/cost/price.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { Op } from "../../src/model/op.ts";
import { loadArch } from "./load-arch.ts";

const plain = loadArch("hetero-pcm");
const gating = (idle_frac: number) => ({ idle_frac, source: "test", evidence: "assumed" as const });
/** Everything that can be gated. */
const gated = (idle_frac: number): Arch => ({
  ...plain,
  tiles: plain.tiles.map((tile) => ({ ...tile, gating: gating(idle_frac) })),
  cores: plain.cores.map((core) => ({ ...core, gating: gating(idle_frac) })),
  memories: plain.memories.map((memory) => ({ ...memory, gating: gating(idle_frac) })),
});
const OPS: readonly Op[] = [
  { kind: "mvm", tileKind: 0, rows: 512, cols: 300 },
  { kind: "tile-vector", tileKind: 0, fn: "swiglu", elements: 512 },
  { kind: "matmul", core: 0, batch: 1, tokens: 4, inputs: 256, outputs: 256 },
  { kind: "vector", core: 1, fn: "softmax", elements: 100 },
  { kind: "memory", memory: 1, access: "read", bytes: 4096 },
];
const energy_pJ = (arch: Arch, op: Op): number =>
  createPriceList(arch)
    .price(op)
    .charges.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);

describe("power gating", () => {
  test.each(OPS)("a part that works all the time draws what it draws without: $kind", (op) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (idle) => {
        const chip = gated(idle);
        const { duration_ps, tail_ps } = createPriceList(plain).price(op);
        const price = createPriceList(chip).price(op);
        expect(price.duration_ps).toBe(duration_ps);
        expect(price.tail_ps).toBe(tail_ps);
        const awake = price.charges.filter(({ action }) => action === "awake");
        const static_mW =
          awake.reduce((sum, charge) => sum + charge.energy_pJ, 0) / (duration_ps / 1000);
        // What waking adds and what is left while idle make up the static power of the part.
        const whole = static_mWOf(op);
        expect(static_mW).toBeCloseTo(whole * (1 - idle), 6);
      }),
    );
  });

  test("standing power goes down by the gated share of what is gated, and by nothing else", () => {
    const on_mW = chipStatic_mW(plain);
    const off_mW = chipStatic_mW(gated(0));
    const always =
      plain.interconnect.static_mW * 64 +
      plain.fixed.reduce((sum, part) => sum + part.static_mW, 0) +
      plain.tiles.reduce(
        (sum, { count, fixed }) =>
          sum + count * (fixed ?? []).reduce((own, part) => own + part.static_mW, 0),
        0,
      );
    expect(off_mW).toBeCloseTo(always, 9);
    expect(chipStatic_mW(gated(1))).toBe(on_mW);
    expect(chipStatic_mW(gated(0.25))).toBeCloseTo(off_mW + 0.25 * (on_mW - off_mW), 6);
  });

  test("gating that gates nothing changes no price", () => {
    for (const op of OPS) expect(energy_pJ(gated(1), op)).toBe(energy_pJ(plain, op));
  });
});

/** Static power of what an op keeps busy: of a read the tile but its local unit. */
function static_mWOf(op: Op): number {
  const tile = plain.tiles[0]!;
  const { cost, crossbar, output, input_buffer, output_buffer, local_unit } = tile;
  switch (op.kind) {
    case "mvm": {
      if (cost.kind !== "components") throw new Error("hetero-pcm is priced by parts");
      return (
        cost.crossbar.static_mW +
        crossbar.rows * cost.row_driver.static_mW +
        crossbar.cols * cost.sample_hold.static_mW +
        (crossbar.cols / output.columns_per_adc) * cost.adc.static_mW +
        cost.shift_add.units * cost.shift_add.static_mW +
        input_buffer.static_mW +
        output_buffer.static_mW
      );
    }
    case "tile-vector":
      return local_unit.static_mW;
    case "matmul":
    case "vector":
      return plain.cores[op.core]!.static_mW;
    case "memory":
      return plain.memories[op.memory]!.static_mW;
    default:
      throw new Error(op.kind);
  }
}

describe("crossbarWrite", () => {
  test("rounds multiply time, energy and wear; one is the default", () => {
    const once = { crossbar_ns: 5, crossbar_pJ: 7 };
    expect(crossbarWrite(once)).toEqual({ duration_ns: 5, energy_pJ: 7, writes: 1 });
    expect(crossbarWrite({ ...once, iterations: 20 })).toEqual({
      duration_ns: 100,
      energy_pJ: 140,
      writes: 20,
    });
  });
});
