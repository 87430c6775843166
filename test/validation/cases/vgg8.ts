/** VGG8 on images of CIFAR-10 (32 x 32 x 3), as NeuroSim's golden run has it. */
import { evaluateNetworkCost } from "../../../src/evaluate/network-cost.ts";
import type { Arch } from "../../../src/model/arch.ts";
import type { Network, NetworkLayer } from "../../../src/model/network.ts";
import { networkMatrices, usesPerExample } from "../../../src/model/network-matrices.ts";
import type { Target } from "../../../src/model/placement.ts";

const convolution = (name: string, features: number): readonly NetworkLayer[] => [
  { name, kind: "conv", kernel_rows: 3, stride_rows: 1, padding_rows: 1, features },
  { name: `${name}.relu`, kind: "elementwise", fn: "relu" },
];
const pool = (name: string): NetworkLayer => ({
  name,
  kind: "pool",
  window_rows: 2,
  stride_rows: 2,
  mode: "max",
});

const VGG8: Network = {
  format: "network/1",
  name: "vgg8",
  source: "Layer widths of the anchor: 3-128-128p-256-256p-512-512p, 8192-1024-10",
  unit: "image",
  stream: false,
  input: { rows: 32, cols: 32, features: 3 },
  layers: [
    ...convolution("1", 128),
    ...convolution("2", 128),
    pool("2.pool"),
    ...convolution("3", 256),
    ...convolution("4", 256),
    pool("4.pool"),
    ...convolution("5", 512),
    ...convolution("6", 512),
    pool("6.pool"),
    { name: "flat", kind: "flatten" },
    { name: "7", kind: "linear", features: 1024 },
    { name: "7.relu", kind: "elementwise", fn: "relu" },
    { name: "8", kind: "linear", features: 10 },
  ],
};

const matrices = networkMatrices(VGG8);
const uses = usesPerExample(VGG8, matrices);

/** Matrices of an image: positions that a kernel is applied to, its inputs and outputs. */
export const VGG8_PRODUCTS = matrices.map(({ id, inputs, outputs }) => ({
  positions: uses[id]!,
  inputs,
  outputs,
}));

/** Energy of what arrays do for one image, their converters, buffers and adders included. */
export function vgg8Arrays_pJ(arch: Arch): number {
  const targets = matrices.map((): Target => "analog");
  const cost = evaluateNetworkCost(
    arch,
    VGG8,
    { name: "all-analog", targets },
    {
      ...{ seed: 1, batch: 1, prefill_tokens: 0, decode_tokens: 1 },
      ...{ routing: { kind: "uniform" }, level: "table", overflow: "infeasible" },
    },
  );
  const names = arch.tiles.map(({ name }) => `${name} `);
  return cost.breakdown
    .filter(({ component, action }) => {
      return action !== "static" && names.some((name) => component.startsWith(name));
    })
    .reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);
}
