/** What the placements of the study cost, for the tiny models and at the same shares for large ones. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModel } from "../../src/cli/inputs.ts";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { CostOptions } from "../../src/model/run.ts";
import { strategies } from "../../src/placement/index.ts";
import { table } from "./tables.ts";
import { CHIP } from "./tiles.ts";

const OPTIONS: CostOptions = {
  seed: 1,
  batch: 1,
  prefill_tokens: 64,
  decode_tokens: 16,
  routing: { kind: "uniform" },
  level: "table",
  overflow: "infeasible",
};

/** Experts drawn at random: with uniform routing, which ones they are makes no difference. */
const PLACEMENTS = [
  ["all analog", "all-analog", 0],
  ["dense digital", "dense-digital", 0],
  ["dense + 12.5 % of experts", "random", 0.125],
  ["dense + 25 % of experts", "random", 0.25],
  ["dense + 50 % of experts", "random", 0.5],
  ["all digital", "all-digital", 0],
] as const;

/** `hetero-pcm` holds 8.05 billion weights; DeepSeekMoE-16B needs a chip of 2.4 times the tiles. */
const LARGE: Arch = {
  ...CHIP,
  tiles: CHIP.tiles.map((tile) => ({ ...tile, count: 1152 })),
  interconnect:
    CHIP.interconnect.kind === "mesh"
      ? { ...CHIP.interconnect, tiles_per_node: 20 }
      : CHIP.interconnect,
};

const MODELS: readonly (readonly [name: string, chip: Arch])[] = [
  ["tiny-olmoe", CHIP],
  ["tiny-deepseekmoe", CHIP],
  ["olmoe-1b-7b", CHIP],
  ["deepseekmoe-16b", LARGE],
];

function rowsOf([model, chip]: (typeof MODELS)[number]): (string | number)[][] {
  const { workload } = readModel(model, undefined);
  const matrices = weightMatrices(workload);
  return PLACEMENTS.map(([label, name, fraction]) => {
    const problem = { matrices, fraction, ranking: "layer", scores: {}, seed: 1 } as const;
    const targets = strategies[name].place(problem);
    const cost = evaluateCost(chip, workload, { name: label, targets }, OPTIONS);
    const share = (100 * cost.digital_parameters_frac).toFixed(1);
    const { decode } = cost;
    if (decode === null) return [model, label, share, "does not fit", "-", "-", "-"];
    return [
      model,
      label,
      share,
      (decode.latency_ns / 1000).toPrecision(4),
      (decode.energy_pJ / decode.tokens / 1e6).toPrecision(4),
      cost.area_occupied_mm2.toPrecision(4),
      cost.tiles_used,
    ];
  });
}

export function writeCosts(folder: string): void {
  const head = [
    "model",
    "placement",
    "digital weights (%)",
    "decode step (us)",
    "energy (uJ a token)",
    "occupied area (mm2)",
    "tiles",
  ];
  const text = `# Cost of the placements on hetero-pcm

One sequence, 64 prompt tokens, 16 generated, experts chosen uniformly, level table.
DeepSeekMoE-16B does not fit on 480 tiles: its chip has 1,152.

${table(head, MODELS.flatMap(rowsOf))}`;
  writeFileSync(join(folder, "costs.md"), text);
}
