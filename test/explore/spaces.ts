/** Small spaces for tests. */
import { createSpace, type Space } from "../../src/explore/space.ts";
import type { Sweep } from "../../src/model/sweep.ts";

export const SWEEP: Sweep = {
  format: "sweep/1",
  name: "small",
  base: { arch: "hetero-pcm", workload: "tiny-olmoe", placements: ["all-digital"], run: {} },
  variables: [
    { kind: "list", name: "a", pointer: "/run/batch", values: [1, 2, 4] },
    { kind: "linear", name: "b", pointer: "/run/prefill_tokens", first: 1, last: 5, step: 2 },
  ],
  objectives: [
    { expression: "energy_pJ_per_token", direction: "minimise" },
    { name: "speed", expression: "1e9 / decode_latency_ns", direction: "maximise" },
  ],
  screening: { level: "table", accuracy: "none" },
};

export const smallSpace = (change: Partial<Sweep> = {}): Space =>
  createSpace({ ...SWEEP, ...change }, "space.json");

/** A space of levels 0..n-1 in each dimension. */
export const gridSpace = (counts: readonly number[], change: Partial<Sweep> = {}): Space =>
  smallSpace({
    variables: counts.map((n, i) => ({
      kind: "linear" as const,
      name: `x${i}`,
      pointer: `/run/x${i}`,
      first: 0,
      last: n - 1,
      step: 1,
    })),
    ...change,
  });
