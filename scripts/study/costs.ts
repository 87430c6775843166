/** What the placements of the study cost, for the tiny models and at the same shares for large ones. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModel } from "../../src/cli/inputs.ts";
import { evaluateCost } from "../../src/evaluate/cost.ts";
import type { Arch } from "../../src/model/arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import type { Target } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";
import { strategies } from "../../src/placement/index.ts";
import { table } from "./markdown.ts";
import type { StudyModel } from "./model.ts";
import type { Journal } from "./pool.ts";
import { RULES } from "./rules.ts";
import { CHIP, kindOf } from "./tiles.ts";

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

/** What the table shows of a placement. */
const FIELDS = ["digital_percent", "decode_us", "energy_uJ", "area_mm2", "tiles"] as const;
type Cost = Readonly<Record<(typeof FIELDS)[number], number>>;

/** null: the model does not fit. */
function costOf(chip: Arch, workload: Workload, targets: readonly Target[]): Cost | null {
  const cost = evaluateCost(chip, workload, { name: "study", targets }, OPTIONS);
  const { decode } = cost;
  if (decode === null) return null;
  return {
    digital_percent: 100 * cost.digital_parameters_frac,
    decode_us: decode.latency_ns / 1000,
    energy_uJ: decode.energy_pJ / decode.tokens / 1e6,
    area_mm2: cost.area_occupied_mm2,
    tiles: cost.tiles_used,
  };
}

const cellsOfRow = (cost: Cost): (string | number)[] => [
  cost.digital_percent.toFixed(1),
  cost.decode_us.toPrecision(4),
  cost.energy_uJ.toPrecision(4),
  cost.area_mm2.toPrecision(4),
  cost.tiles,
];

function rowsOf([model, chip]: (typeof MODELS)[number]): (string | number)[][] {
  const { workload } = readModel(model, undefined);
  const matrices = weightMatrices(workload);
  return PLACEMENTS.map(([label, name, fraction]) => {
    const problem = { matrices, fraction, ranking: "layer", scores: {}, seed: 1 } as const;
    const cost = costOf(chip, workload, strategies[name].place(problem));
    return [
      model,
      label,
      ...(cost === null ? ["-", "does not fit", "-", "-", "-"] : cellsOfRow(cost)),
    ];
  });
}

/** Rules that choose single matrices, whose placements take the weights of the model to make. */
const CHOICES = ["fisher-matrices", "optimal"].flatMap((rule) =>
  [0.125, 0.25].map((share) => ({ rule, share, label: `${rule}, ${100 * share} % of experts` })),
);

const costKey = (model: string, label: string, field: string): string =>
  `${model}|cost|${label}|${field}`;

/** Prices these placements, as the chip's own noise makes the rules choose. */
export function noteCosts(journal: Journal, model: StudyModel): void {
  const { name, matrices, scores, workload } = model;
  const basis = { matrices, scores, rises: model.risesOf(kindOf("chip"), 0) };
  for (const { rule, share, label } of CHOICES) {
    const cost = costOf(CHIP, workload, RULES[rule]!(basis, share, 1));
    for (const field of FIELDS) {
      const key = costKey(name, label, field);
      if (cost !== null && journal.get(key) !== cost[field]) journal.add(key, cost[field]);
    }
  }
}

function chosenRows(journal: Journal, model: string): (string | number)[][] {
  return CHOICES.flatMap(({ label }) => {
    const values = FIELDS.map((field) => journal.get(costKey(model, label, field)));
    if (values.includes(undefined)) return [];
    const cost = Object.fromEntries(FIELDS.map((field, i) => [field, values[i]!])) as Cost;
    return [[model, label, ...cellsOfRow(cost)]];
  });
}

export function writeCosts(folder: string, journal: Journal): void {
  const head = [
    "model",
    "placement",
    "digital weights (%)",
    "decode step (us)",
    "energy (uJ a token)",
    "occupied area (mm2)",
    "tiles",
  ];
  const rows = MODELS.flatMap((entry) => [...rowsOf(entry), ...chosenRows(journal, entry[0])]);
  const text = `# Cost of the placements on hetero-pcm

One sequence, 64 prompt tokens, 16 generated, experts chosen uniformly, level table.
Under such routing all rules that choose whole experts cost the same. \`optimal\` has the share of digital
weights that dense modules and that share of the experts have.
DeepSeekMoE-16B does not fit on 480 tiles: its chip has 1,152.

${table(head, rows)}`;
  writeFileSync(join(folder, "costs.md"), text);
}
