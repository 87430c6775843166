/** `npm run bench`: speed of the numerics, beside the goals. See README.md here. */
import { cpus, loadavg } from "node:os";
import Table from "cli-table3";
import { createWasmEngine, type WasmEngine } from "../src/numerics/engines/wasm.ts";
import { fillNormals } from "../src/random/philox.ts";
import { architectureRows } from "./architecture.ts";
import { normalsPerSecond, timeNormals, timeProgramming } from "./generators.ts";
import { timeModel } from "./model.ts";
import { BASELINE, gmacsOf, PRODUCTS, timeProduct } from "./products.ts";
import { reportWide } from "./wide.ts";
import { twoWorkersOverOne } from "./workers.ts";

const PLAIN_STYLE = { head: [], border: [], compact: true };

function header(engine: WasmEngine): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const load = loadavg()[0]!.toFixed(1);
  return [
    `${model}, ${cpus().length} threads, load ${load}; Node ${process.version}, V8 ${process.versions.v8}`,
    `engine: ${engine.name}${engine.fallbackReason ? ` (${engine.fallbackReason})` : ""}`,
    "One core, best of several windows. GMAC/s by processor time and by wall clock.",
  ].join("\n");
}

function productTable(engine: WasmEngine): string {
  const table = new Table({
    head: ["work", "shape", "batch", "GMAC/s cpu", "wall", "of GEMM", "goal", "others, GMAC/s"],
    style: PLAIN_STYLE,
  });
  const timings = PRODUCTS.map((product) => timeProduct(engine, product));
  const baseline = gmacsOf(BASELINE, timings[PRODUCTS.indexOf(BASELINE)]!.cpu_ms);
  for (const [i, product] of PRODUCTS.entries()) {
    const timing = timings[i]!;
    const gmacs = gmacsOf(product, timing.cpu_ms);
    table.push([
      product.work,
      `${product.inputs}x${product.outputs}`,
      product.rows,
      gmacs.toFixed(1),
      gmacsOf(product, timing.wall_ms).toFixed(1),
      (gmacs / baseline).toFixed(2),
      product.goal ?? "-",
      product.peers,
    ]);
  }
  return table.toString();
}

async function otherTable(engine: WasmEngine): Promise<string> {
  const table = new Table({ head: ["work", "measured", "goal", "others"], style: PLAIN_STYLE });
  const normalRate = (fill: typeof fillNormals): string =>
    `${normalsPerSecond(timeNormals(fill)).toFixed(0)} M/s`;
  table.push(
    ["normals, wasm", normalRate(engine.fillNormals), ">= 250 M/s", "-"],
    ["normals, TypeScript", normalRate(fillNormals), "-", "-"],
    [
      "program 4.2 M PCM weights, drift a day, compensate",
      `${(timeProgramming(engine).cpu_ms / 1000).toFixed(2)} s`,
      "<= 0.2 s",
      "AIHWKIT 0.56 s",
    ],
    [
      "two workers, batch 512",
      `${(await twoWorkersOverOne()).toFixed(2)} x one`,
      ">= 1.8 x",
      "AIHWKIT 0.7 x, Lightning 1.4 x",
    ],
  );
  return table.toString();
}

async function modelTable(): Promise<string> {
  const { tokens, digital_s, analog_s, programming_s } = await timeModel();
  const rate = (seconds: number): string => `${(tokens / seconds).toFixed(0)} tokens/s`;
  const table = new Table({
    head: [`tiny-olmoe, ${tokens} tokens`, "", "goal"],
    style: PLAIN_STYLE,
  });
  table.push(
    ["all digital", rate(digital_s), "-"],
    ["every expert analog, programming included", rate(analog_s), "-"],
    ["programming alone", `${programming_s.toFixed(2)} s`, "-"],
    ["analog over digital", `${(analog_s / digital_s).toFixed(2)} x`, "<= 2 x"],
  );
  return table.toString();
}

function architectureTable(): string {
  const table = new Table({
    head: ["architecture model", "measured", "goal", "others"],
    style: PLAIN_STYLE,
  });
  for (const row of architectureRows()) table.push([...row]);
  return table.toString();
}

const engine = createWasmEngine();
console.log(header(engine));
if (process.argv.includes("--wide")) console.log(await reportWide());
else {
  console.log(productTable(engine));
  console.log(await otherTable(engine));
  console.log(await modelTable());
  console.log(architectureTable());
}
