/**
 * Prices the networks of the hardware-aware training study: `npx tsx scripts/hwa/costs.ts` prints
 * a Markdown table. Nothing is measured, so the same text comes out every time.
 */
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { evaluateNetworkCost } from "../../src/evaluate/network-cost.ts";
import { parseArch } from "../../src/input/parse-arch.ts";
import { isNetwork, parseNetwork } from "../../src/input/parse-network.ts";
import { withLayerCopies } from "../../src/mapping/network-copies.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { CostEvaluation, PhaseCost } from "../../src/model/evaluation.ts";
import type { Network } from "../../src/model/network.ts";
import { networkMatrices } from "../../src/model/network-matrices.ts";
import type { Placement, Target } from "../../src/model/placement.ts";
import { engineering } from "../../src/report/quantity.ts";
import { section } from "../study/markdown.ts";

const ARCH = "hetero-pcm";
const BATCHES = [1, 16];
/** Examples of a stream that one result is of. */
const STREAM_STEPS = 64;

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

const loadArch = (name: string): Arch =>
  parseArch(json(`arch/${name}.json`), name, (file) => ({ file, value: json(`arch/${file}`) }));

/** The networks of `workloads/`, by name. */
function loadNetworks(): readonly Network[] {
  const files = readdirSync("workloads").filter((file) => file.endsWith(".json"));
  const networks = files
    .map((file) => ({ file, value: json(`workloads/${file}`) }))
    .filter(({ value }) => isNetwork(value));
  return networks.map(({ file, value }) => parseNetwork(value, file));
}

interface Case {
  readonly network: Network;
  readonly title: string;
  readonly target: Target;
  /** Where digital weights are; left out: where the chip has them. */
  readonly weight_memory?: string;
}

/**
 * Both placements; the digital one also with weights that stay on the chip, as such small ones may;
 * the analog one also with the copies that one tile's worth of crossbars buys.
 */
function casesOf(network: Network, arch: Arch): readonly Case[] {
  const { activation_memory: near, weight_memory: far } = arch;
  const [tile] = arch.tiles;
  const { crossbar } = tile!;
  const copied = withLayerCopies(network, crossbar, crossbar.tiers);
  const copies = networkMatrices(copied).length - networkMatrices(network).length;
  return [
    { network, title: `all-digital, weights in ${far}`, target: "digital" },
    {
      network,
      title: `all-digital, weights in ${near}`,
      target: "digital",
      weight_memory: near,
    },
    { network, title: "all-analog", target: "analog" },
    ...(copies === 0
      ? []
      : [
          {
            network: copied,
            title: `all-analog, \`--replicas 1\`: ${copies} copies`,
            target: "analog",
          } as const,
        ]),
  ];
}

function evaluate(chip: Arch, own: Case, batch: number): CostEvaluation {
  const { network, target, title, weight_memory = chip.weight_memory } = own;
  const arch = { ...chip, weight_memory };
  const targets = networkMatrices(network).map(
    ({ module }): Target => (module === "embedding" ? "digital" : target),
  );
  const placement: Placement = { name: title, targets };
  return evaluateNetworkCost(arch, network, placement, {
    seed: 1,
    batch,
    prefill_tokens: 0,
    decode_tokens: network.stream ? STREAM_STEPS : 1,
    routing: { kind: "uniform" },
    level: "simulate",
    overflow: "infeasible",
  });
}

/** Energy of an example without what is drawn whether or not there is work. */
function dynamic_pJ({ breakdown }: CostEvaluation, { tokens }: PhaseCost): number {
  const rows = breakdown.filter(({ phase, action }) => phase === "decode" && action !== "static");
  return rows.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0) / tokens;
}

const HEAD = [
  "network (unit)",
  "placement",
  "at once",
  "latency",
  "units per second",
  "energy a unit",
  "of it dynamic",
  "crossbars",
  "area in use, mm2",
];

const NOTE = `Time, energy and area on \`${ARCH}\`, by \`ohmoe run\` at level simulate: convolutions as im2col products of their positions, the LSTM as
steps that wait for one another. A unit is an image or a character; a latency is that of all that go through at once, a character's that of one step
of each text. Dynamic: without the static power of a chip made for models of billions of weights. Area in use: without tiles that hold no weights.
Copies: positions take turns on them.`;

function row(arch: Arch, own: Case, batch: number): readonly (string | number)[] {
  const result = evaluate(arch, own, batch);
  const { decode, infeasible_reason } = result;
  if (decode === null) throw new Error(`${own.network.name}, ${own.title}: ${infeasible_reason}`);
  const { latency_ns, energy_pJ, tokens, duration_ns } = decode;
  return [
    `${own.network.name} (${own.network.unit})`,
    own.title,
    batch,
    engineering(latency_ns * 1e-9, "s"),
    engineering((tokens / duration_ns) * 1e9, "").trim(),
    engineering((energy_pJ / tokens) * 1e-12, "J"),
    engineering(dynamic_pJ(result, decode) * 1e-12, "J"),
    result.crossbars_used,
    result.area_occupied_mm2.toFixed(1),
  ];
}

/** The cost section of the study: time, energy and area of every network, placement and batch. */
export function costSection(): string {
  const arch = loadArch(ARCH);
  const rows = loadNetworks().flatMap((network) =>
    casesOf(network, arch).flatMap((own) => BATCHES.map((batch) => row(arch, own, batch))),
  );
  return section("## Time, energy and area", HEAD, rows, NOTE);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.stdout.write(costSection());
