import { describe, expect, test } from "vitest";
import type { StuckFaults } from "../../src/numerics/faults.ts";
import { device, mean, normals, numericsWith, program } from "./support.ts";

const N = 300;
const w = normals(N * N, 60, 0.1).map((v) => Math.max(-0.9, Math.min(v, 0.9)));
for (let o = 0; o < N; o++) w[o * N] = 1;
const held = (faults: StuckFaults | undefined, kind = "ideal", levels?: number) => {
  const numerics = numericsWith({ devices: device({ kind }) });
  const more = { ...(faults && { faults }), ...(levels && { levels }) };
  return program(w, N, N, { numerics, noise_scale: 0, ...more }).blocks[0]!.weights;
};

describe("stuck devices", () => {
  const stuck_frac = 0.04;
  // 90,000 pairs: the standard error of a share of 4 % is 0.07 %, so 5 of them are 0.35 %.
  const near = (share: number, expected: number) =>
    expect(Math.abs(share - expected)).toBeLessThan(0.0035);

  test.each(["ideal", "pcm"])(
    "%s: at the lowest conductance weights of their sign are lost",
    (kind) => {
      const faults = { stuck_frac, stuck_at_max_frac: 0, cluster_cells: 1 };
      const got = held(faults, kind);
      near(mean(got.map((v, i) => Number(v === 0 && w[i] !== 0))), stuck_frac);
    },
  );

  test.each(["ideal", "pcm"])(
    "%s: at the highest a full weight of either sign is added",
    (kind) => {
      const faults = { stuck_frac, stuck_at_max_frac: 1, cluster_cells: 1 };
      const moved = held(faults, kind).map((v, i) => v - w[i]!);
      // The device of the other sign jumps from 0 to 1, that of the sign from |w| to 1.
      near(mean(moved.map((d) => Number(Math.abs(d) > 0.05))), 2 * stuck_frac - stuck_frac ** 2);
      expect(Math.abs(mean(moved))).toBeLessThan(0.005);
    },
  );

  test("clusters have the same share, in squares", () => {
    const faults = { stuck_frac, stuck_at_max_frac: 0, cluster_cells: 5 };
    const lost = held(faults).map((v, i) => Number(v === 0 && w[i] !== 0));
    // 3,600 clusters and not 90,000 devices: sqrt(0.04 0.96 / 3600 (both signs: / 2)) = 0.23 %.
    expect(Math.abs(mean(lost) - stuck_frac)).toBeLessThan(0.012);
    let neighbours = 0;
    let pairs = 0;
    for (let o = 0; o < N; o++)
      for (let k = 0; k + 1 < N; k++) {
        const i = o * N + k;
        if (lost[i] === 0 || Math.floor(k / 5) !== Math.floor((k + 1) / 5)) continue;
        if (Math.sign(w[i]!) !== Math.sign(w[i + 1]!)) continue;
        pairs++;
        neighbours += lost[i + 1]!;
      }
    expect(neighbours).toBe(pairs);
  });

  test("none stuck changes nothing", () => {
    expect(held({ stuck_frac: 0, stuck_at_max_frac: 0.5, cluster_cells: 1 })).toEqual(
      held(undefined),
    );
  });
});

describe("finite conductance levels", () => {
  test.each(["ideal", "pcm"])("%s: 16 levels of each sign make 31 weights", (kind) => {
    const got = held(undefined, kind, 16).map((v) => v * 15);
    expect(got.every((v) => Math.abs(v - Math.round(v)) < 1e-5)).toBe(true);
    expect(Math.max(...got.map((v, i) => Math.abs(v / 15 - w[i]!)))).toBeLessThanOrEqual(
      0.5 / 15 + 1e-6,
    );
  });

  test("one level is refused", () => {
    expect(() => held(undefined, "ideal", 1)).toThrow("levels");
  });
});
