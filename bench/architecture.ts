/** Speed of the architecture model: whole evaluations, the event loop, the cost table. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { evaluateCost } from "../src/evaluate/cost.ts";
import { changeTargets, createTable, evaluateTable } from "../src/evaluate/table.ts";
import { createTableEvaluator } from "../src/evaluate/table-evaluation.ts";
import type { CostTable } from "../src/evaluate/table-model.ts";
import { pointOf } from "../src/evaluate/table-point.ts";
import { parseArch } from "../src/input/parse-arch.ts";
import { parseWorkload } from "../src/input/parse-workload.ts";
import type { Arch } from "../src/model/arch.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../src/model/matrix.ts";
import type { Placement } from "../src/model/placement.ts";
import type { CostOptions } from "../src/model/run.ts";
import type { Workload } from "../src/model/workload.ts";
import type { OpGraph } from "../src/timing/graph.ts";
import { simulateTotals } from "../src/timing/simulate.ts";

/** Work, measured, goal, what others reach. */
type Row = readonly [string, string, string, string];

/** Processor time of one call, the best of some, s; the first calls compile the program. */
function cpuSeconds(work: () => void, calls: number): number {
  let best_s = Infinity;
  for (let call = 0; call < calls; call++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best_s = Math.min(best_s, (user + system) / 1e6);
  }
  return best_s;
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const arch = (): Arch =>
  parseArch(json("arch/hetero-pcm.json"), "hetero-pcm", (path) => ({
    value: json(`arch/${path}`),
    file: path,
  }));
const workload = (name: string): Workload => parseWorkload(json(`workloads/${name}.json`), name);

function allAnalog(model: Workload): Placement {
  const targets = weightMatrices(model).map(({ module }) =>
    ALWAYS_DIGITAL.includes(module) ? ("digital" as const) : ("analog" as const),
  );
  return { name: "all-analog", targets };
}

const run = (prefill_tokens: number, decode_tokens: number): CostOptions => ({
  seed: 1,
  batch: 1,
  prefill_tokens,
  decode_tokens,
  routing: { kind: "uniform" },
  level: "simulate",
  overflow: "infeasible",
});

/** 72 x 72 nodes with 84 times the tiles: DeepSeek-V3 takes 2.56 million crossbars of 512 x 512. */
function largeChip(): Arch {
  const chip = arch();
  const hub_nodes = [18, 54].flatMap((y) => [18, 54].map((x) => 72 * y + x));
  return {
    ...chip,
    tiles: chip.tiles.map((tile) => ({ ...tile, count: 84 * tile.count })),
    interconnect: { ...chip.interconnect, kind: "mesh", cols: 72, rows: 72, hub_nodes },
  };
}

/** Rows for the table of `npm run bench`; a minute on one core. */
export function architectureRows(): readonly Row[] {
  return [...evaluationRows(), kernelRow(), ...tableRows(), helpRow(), ...growthRows()];
}

function evaluationRows(): Row[] {
  const olmoe = workload("olmoe-1b-7b");
  const placement = allAnalog(olmoe);
  const chip = arch();
  const one_s = cpuSeconds(() => evaluateCost(chip, olmoe, placement, run(0, 1)), 20);
  let ops = 0;
  const prompt_s = cpuSeconds(() => {
    ops = evaluateCost(chip, olmoe, placement, run(512, 0)).prefill!.ops;
  }, 3);
  const peak_MB = process.resourceUsage().maxRSS / 1024;
  const deepseek = workload("deepseek-v3");
  const large = largeChip();
  const deepseek_s = cpuSeconds(
    () => evaluateCost(large, deepseek, allAnalog(deepseek), run(0, 1)),
    3,
  );
  return [
    ["OLMoE-1B-7B, one token, simulate", `${(1000 * one_s).toFixed(0)} ms`, "<= 50 ms", "9 s"],
    [
      `OLMoE-1B-7B, prompt of 512, simulate (${(ops / 1e6).toFixed(1)} M ops)`,
      `${prompt_s.toFixed(1)} s, ${peak_MB.toFixed(0)} MB`,
      "<= 4 s, 1 GB",
      "> 1 h",
    ],
    ["DeepSeek-V3, one token, simulate", `${deepseek_s.toFixed(1)} s`, "<= 0.5 s", "-"],
  ];
}

/** The event loop alone, on a graph like that of 512 tokens through layers of experts. */
function kernelRow(): Row {
  const graph = expertGraph(512, 32, 2, 6416);
  const kernel_s = cpuSeconds(() => simulateTotals(graph), 3);
  const rate = graph.step.length / kernel_s / 1e6;
  return [
    `event loop, ${(graph.step.length / 1e3).toFixed(0)} k ops on 6,416 tiles`,
    `${rate.toFixed(1)} M ops/s`,
    ">= 3 M ops/s",
    "-",
  ];
}

/** Each token goes through `chosen` of the tiles, and then on to one, in every layer. */
function expertGraph(tokens: number, layers: number, chosen: number, tiles: number): OpGraph {
  const perLayer = chosen + 1;
  const n = tokens * layers * perLayer;
  const edges: number[] = [0, 0];
  const firstEdge = new Int32Array(n);
  const depend = (before: number, after: number): void => {
    edges.push(after, firstEdge[before]!);
    firstEdge[before] = edges.length / 2 - 1;
  };
  const step = Int32Array.from({ length: n }, (_, op) => (op * 7919) % tiles);
  for (let op = 0; op < n; op += perLayer) {
    for (let e = 0; e < chosen; e++) depend(op + e, op + chosen);
    const isLast = (op / perLayer) % layers === layers - 1;
    for (let e = 0; e < chosen && !isLast; e++) depend(op + chosen, op + perLayer + e);
  }
  return {
    step,
    steps: {
      duration_ps: Float64Array.from({ length: tiles }, (_, s) => 100_000 + (s % 7) * 1000),
      tail_ps: new Float64Array(tiles),
      resource: Int32Array.from({ length: tiles }, (_, s) => s),
      aheadBegin: new Int32Array(tiles + 1),
      ahead: new Int32Array(0),
    },
    servers: new Int32Array(tiles).fill(1),
    routes: {
      begin: new Int32Array(1),
      links: new Int32Array(0),
      parent: new Int32Array(0),
      linkCount: 0,
      hop_ps: new Float64Array(0),
    },
    firstEdge,
    edges: Int32Array.from(edges),
  };
}

/** Processor time of the program, start of Node.js included. */
function helpRow(): Row {
  let best_s = Infinity;
  for (let i = 0; i < 10; i++) {
    const begin_ms = performance.now();
    spawnSync(process.execPath, ["dist/main.js", "--help"], { stdio: "ignore" });
    best_s = Math.min(best_s, (performance.now() - begin_ms) / 1000);
  }
  return ["ohmoe --help, cold start, wall clock", `${best_s.toFixed(2)} s`, "<= 0.25 s", "-"];
}

function tableRows(): Row[] {
  const olmoe = workload("olmoe-1b-7b");
  const chip = arch();
  const rate = (points: number, work: () => void): string =>
    `${(points / cpuSeconds(work, 5)).toFixed(0)} /s`;
  const placement = allAnalog(olmoe);
  const table = createTable(chip, olmoe, run(64, 1));
  if (!table.feasible) throw new Error(table.reason);
  return [
    [
      "table, three matrices change",
      rate(5000, () => walk(table, olmoe, 5000)),
      ">= 20,000 /s",
      "-",
    ],
    [
      "table, another placement",
      rate(200, () => repeat(200, () => pointOf(table, evaluateTable(table, placement)))),
      "-",
      "-",
    ],
    ["table, prices of the chip change", chipRate(repriced), ">= 2,000 /s", "-"],
    ["table, crossbars of the chip change", chipRate(recut), "-", "-"],
    ["table, cores of the chip change", chipRate(withCores), "-", "-"],
  ];
}

const repriced = (chip: Arch, i: number): Arch => ({
  ...chip,
  tiles: chip.tiles.map((tile) => ({ ...tile, output: { ...tile.output, bits: 6 + (i % 5) } })),
  memories: chip.memories.map((m) => ({ ...m, bandwidth_GBps: m.bandwidth_GBps * (1 + i / 100) })),
});
const recut = (chip: Arch, i: number): Arch => ({
  ...chip,
  tiles: chip.tiles.map((tile) => ({ ...tile, crossbar: { ...tile.crossbar, rows: 300 + i } })),
});
const withCores = (chip: Arch, i: number): Arch => ({
  ...chip,
  cores: chip.cores.map((core) => ({ ...core, count: 1 + i })),
});

/** Points a second on chips that differ, all of OLMoE-1B-7B in analog. */
function chipRate(change: (chip: Arch, i: number) => Arch): string {
  const olmoe = workload("olmoe-1b-7b");
  const chip = arch();
  const placement = allAnalog(olmoe);
  const evaluate = createTableEvaluator(olmoe, { ...run(0, 1), level: "table" });
  evaluate(chip, placement);
  let i = 0;
  const points = change === repriced ? 200 : 10;
  const call_s = cpuSeconds(() => repeat(points, () => evaluate(change(chip, i++), placement)), 5);
  return `${(points / call_s).toFixed(0)} /s`;
}

function repeat(times: number, work: () => void): void {
  for (let i = 0; i < times; i++) work();
}

/** Moves matrices to and fro, three at a time. */
function walk(table: CostTable, olmoe: Workload, points: number): void {
  const sums = evaluateTable(table, allAnalog(olmoe));
  for (let i = 0; i < points; i++) {
    const id = 10 + ((37 * i) % 3000);
    const target = sums.isAnalog[id] === 1 ? "digital" : "analog";
    changeTargets(table, sums, [id, id + 1, id + 2], target);
    pointOf(table, sums);
  }
}

/** How cost grows: by tokens, layers and experts of OLMoE-1B-7B. */
function growthRows(): Row[] {
  const olmoe = workload("olmoe-1b-7b");
  const chip = arch();
  const row = (label: string, model: Workload, tokens: number): Row => {
    let ops = 0;
    const cpu_s = cpuSeconds(() => {
      ops = evaluateCost(chip, model, allAnalog(model), run(tokens, 0)).prefill!.ops;
    }, 1);
    const each = `${((1e6 * cpu_s) / ops).toFixed(2)} us an op`;
    return [
      label,
      `${cpu_s.toFixed(2)} s, ${(ops / 1e3).toFixed(0)} k ops, ${each}`,
      "linear",
      "-",
    ];
  };
  const withExperts = (experts: number): Workload => ({
    ...olmoe,
    moe: { ...olmoe.moe, experts },
  });
  return [
    ...[1, 8, 64, 512, 4096].map((tokens) => row(`${tokens} tokens`, olmoe, tokens)),
    ...[4, 8, 16].map((layers) => row(`${layers} layers, 64 tokens`, { ...olmoe, layers }, 64)),
    ...[16, 32, 64].map((n) => row(`${n} experts, 64 tokens`, withExperts(n), 64)),
  ];
}
