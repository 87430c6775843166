import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPriceList } from "../../src/cost/price.ts";
import type { Arch } from "../../src/model/arch.ts";
import { type Op, type Price, VECTOR_FUNCTIONS } from "../../src/model/op.ts";
import { archNames, loadArch } from "./load-arch.ts";

/** Without what gated parts draw while awake: that goes with time, not with work. */
const work_pJ = ({ charges }: Price) =>
  charges.reduce((sum, row) => sum + (row.action === "awake" ? 0 : row.energy_pJ), 0);
const energy_pJ = ({ charges }: Price) => charges.reduce((sum, row) => sum + row.energy_pJ, 0);
const total_ps = ({ duration_ps, tail_ps }: Price) => duration_ps + tail_ps;
const size = fc.integer({ min: 1, max: 4000 });

/** Ops that the chip can run, with sizes up to those of its parts. */
function opsOf(arch: Arch): fc.Arbitrary<Op> {
  const index = (list: readonly unknown[]) => fc.integer({ min: 0, max: list.length - 1 });
  const fn = fc.constantFrom(...VECTOR_FUNCTIONS);
  const vectorCores = arch.cores.flatMap((core, i) => (core.kind === "systolic" ? [] : [i]));
  const kinds: fc.Arbitrary<Op>[] = [
    fc.record({
      kind: fc.constant("matmul" as const),
      core: index(arch.cores),
      batch: fc.integer({ min: 1, max: 9 }),
      tokens: size,
      inputs: size,
      outputs: size,
    }),
    fc.record({
      kind: fc.constant("memory" as const),
      memory: index(arch.memories),
      access: fc.constantFrom("read" as const, "write" as const),
      bytes: size,
    }),
    fc.record({ kind: fc.constant("message" as const), bytes: size }),
  ];
  if (vectorCores.length > 0) {
    const core = fc.constantFrom(...vectorCores);
    kinds.push(fc.record({ kind: fc.constant("vector" as const), core, fn, elements: size }));
  }
  arch.tiles.forEach(({ crossbar }, tileKind) => {
    const tile = fc.constant(tileKind);
    kinds.push(
      fc.record({
        kind: fc.constant("mvm" as const),
        tileKind: tile,
        rows: fc.integer({ min: 1, max: crossbar.rows }),
        cols: fc.integer({ min: 1, max: Math.floor(crossbar.cols / crossbar.slices) }),
      }),
      fc.record({
        kind: fc.constant("tile-vector" as const),
        tileKind: tile,
        fn,
        elements: size,
      }),
      fc.record({ kind: fc.constant("program" as const), tileKind: tile }),
    );
  });
  return fc.oneof(...kinds);
}

/** The same op, larger in one of its sizes where that is possible. */
function grown(op: Op, arch: Arch): Op {
  switch (op.kind) {
    case "mvm": {
      const { rows, cols, slices } = arch.tiles[op.tileKind]!.crossbar;
      return {
        ...op,
        rows: Math.min(op.rows + 1, rows),
        cols: Math.min(op.cols + 1, Math.floor(cols / slices)),
      };
    }
    case "vector":
    case "tile-vector":
      return { ...op, elements: op.elements + 1 };
    case "matmul":
      return { ...op, inputs: op.inputs + 1, tokens: op.tokens + 1 };
    case "memory":
    case "message":
      return { ...op, bytes: op.bytes + 1 };
    case "program":
      return op;
  }
}

describe.each(archNames)("prices of %s", (name) => {
  const arch = loadArch(name);
  const { price } = createPriceList(arch);
  const check = (law: (op: Op) => void) =>
    fc.assert(fc.property(opsOf(arch), law), { seed: 3, numRuns: 200 });

  test("time is whole picoseconds and takes some; energy and counts are finite and >= 0", () => {
    check((op) => {
      const p = price(op);
      expect(Number.isSafeInteger(p.duration_ps) && p.duration_ps >= 1).toBe(true);
      expect(Number.isSafeInteger(p.tail_ps) && p.tail_ps >= 0).toBe(true);
      for (const row of p.charges) {
        expect(Number.isFinite(row.energy_pJ) && row.energy_pJ >= 0).toBe(true);
        expect(Number.isInteger(row.count) && row.count >= 1).toBe(true);
      }
    });
  });

  test("more work never takes less energy or less time", () => {
    check((op) => {
      const larger = price(grown(op, arch));
      expect(energy_pJ(larger)).toBeGreaterThanOrEqual(energy_pJ(price(op)));
      expect(total_ps(larger)).toBeGreaterThanOrEqual(total_ps(price(op)));
    });
  });

  test("work cut in two along tokens costs the same energy", () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const matmul = (tokens: number) =>
          work_pJ(price({ kind: "matmul", core: 0, batch: 1, tokens, inputs: 37, outputs: 5 }));
        const read = (bytes: number) =>
          work_pJ(price({ kind: "memory", memory: 0, access: "read", bytes }));
        expect(matmul(a) + matmul(b)).toBeCloseTo(matmul(a + b), 3);
        expect(read(a) + read(b)).toBeCloseTo(read(a + b), 3);
      }),
      { seed: 4 },
    );
  });
});

describe("a tile priced by its parts", () => {
  const arch = loadArch("hetero-pcm");
  const { price } = createPriceList(arch);
  const part_pJ = (rows: number, cols: number, component: string) =>
    price({ kind: "mvm", tileKind: 0, rows, cols })
      .charges.filter((row) => row.component === `pcm-tile ${component}`)
      .reduce((sum, row) => sum + row.energy_pJ, 0);

  test("columns cut in two are converted as before, but rows are driven twice", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 1, max: 511 }),
        (rows, cut) => {
          for (const component of ["crossbar", "adc", "sample-and-hold", "shift-and-add"]) {
            const cutInTwo = part_pJ(rows, cut, component) + part_pJ(rows, 512 - cut, component);
            expect(cutInTwo).toBeCloseTo(part_pJ(rows, 512, component), 6);
          }
          const drive = part_pJ(rows, cut, "row driver") + part_pJ(rows, 512 - cut, "row driver");
          expect(drive).toBeCloseTo(2 * part_pJ(rows, 512, "row driver"), 6);
        },
      ),
      { seed: 5 },
    );
  });

  test("finer converters cost more, and more sharing of them takes longer", () => {
    const tile = arch.tiles[0]!;
    const cost = tile.cost.kind === "components" ? tile.cost : undefined;
    const with_ = (bits: number, columns_per_adc: number) =>
      createPriceList({
        ...arch,
        tiles: [
          {
            ...tile,
            output: { bits, columns_per_adc },
            cost: { ...cost!, adc: { ...cost!.adc, energy: { kind: "walden", walden_fJ: 20 } } },
          },
        ],
      }).price({ kind: "mvm", tileKind: 0, rows: 512, cols: 512 });
    expect(energy_pJ(with_(9, 8))).toBeGreaterThan(energy_pJ(with_(8, 8)));
    expect(with_(8, 16).duration_ps).toBe(256_000);
    expect(with_(8, 4).duration_ps).toBe(130_000);
  });
});
