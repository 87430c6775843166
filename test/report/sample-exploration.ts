import type { Exploration } from "../../src/model/exploration.ts";

/** An exploration of `count` points with five variables and two objectives. */
export function sampleExploration(count: number, name = "sample"): Exploration {
  const points = Array.from({ length: count }, (_, index) => {
    const bits = 4 + (index % 6);
    const rows = 64 * 2 ** (index % 5);
    const share = ((index * 37) % 101) / 100;
    return {
      index,
      stage: index % 50 === 0 ? ("survivor" as const) : ("screening" as const),
      variables: {
        bits,
        rows,
        share,
        strategy: index % 2 === 0 ? "max-neuron-norm" : "random",
        batch: 1 + (index % 3),
      },
      objectives: {
        energy_pJ_per_token: 1e8 * (1 + share + bits / 8 + ((index * 7919) % 1000) / 4000),
        perplexity: index % 97 === 5 ? null : 46 + 12 / (1 + 3 * share) + 8 / bits,
      },
      feasible: index % 97 !== 5,
      on_front: index % 400 === 3,
    };
  });
  const front = points.filter((point) => point.on_front);
  return {
    schema: "exploration/1",
    version: "0.0.0",
    name,
    space_sha256: "b".repeat(64),
    inputs: {
      arch: { name: "hetero-pcm", sha256: "a".repeat(64) },
      workload: { name: "tiny-olmoe", sha256: "a".repeat(64) },
      checkpoint: null,
      text: null,
    },
    search: { kind: "full" },
    screening: { level: "table", accuracy: "predicted" },
    survivors: null,
    variables: [
      { name: "bits", pointers: ["/arch/tiles/0/output/bits"], values: [4, 5, 6, 7, 8, 9] },
      {
        name: "rows",
        pointers: ["/arch/tiles/0/crossbar/rows"],
        values: [64, 128, 256, 512, 1024],
      },
      {
        name: "share",
        pointers: ["/placement"],
        values: Array.from({ length: 101 }, (_, i) => i / 100),
      },
      { name: "strategy", pointers: ["/placement"], values: ["max-neuron-norm", "random"] },
      { name: "batch", pointers: ["/run/batch"], values: [1, 2, 3] },
    ],
    objectives: [
      { name: "energy_pJ_per_token", expression: "energy_pJ_per_token", direction: "minimise" },
      { name: "perplexity", expression: "perplexity", direction: "minimise" },
    ],
    counts: {
      combinations_count: count,
      screened_points: count,
      survivor_points: 0,
      infeasible_points: 0,
      failed_points: 0,
      front_points: front.length,
    },
    front: front.map(({ on_front: _, feasible: __, ...point }) => ({
      ...point,
      point: `${point.index}`,
      objectives_sem: { energy_pJ_per_token: null, perplexity: 0.1 },
      within_noise_of: [],
      row: {},
    })),
    points,
    hypervolume: {
      best: [1, 1],
      worst: [2, 2],
      trace: [10, 100, 1000].map((n, i) => ({
        evaluations_count: n,
        hypervolume_frac: 0.2 + 0.1 * i,
      })),
    },
    failures: [{ error: "<b>broken</b>", rows_count: 2, example_index: 7 }],
    predictions: [],
    notes: ["a note"],
  };
}
