import { evaluateNetworkCost } from "../../src/evaluate/network-cost.ts";
import { parseNetwork } from "../../src/input/parse-network.ts";
import type { Arch } from "../../src/model/arch.ts";
import type { CostEvaluation } from "../../src/model/evaluation.ts";
import type { Network, NetworkLayer } from "../../src/model/network.ts";
import { networkMatrices } from "../../src/model/network-matrices.ts";
import type { Target } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import { loadArch, OPTIONS } from "../evaluate/load.ts";

export const arch = loadArch("hetero-pcm");

export const conv = (
  name: string,
  kernel_rows: number,
  features: number,
  more: Partial<Extract<NetworkLayer, { kind: "conv" }>> = {},
): NetworkLayer => ({
  name,
  kind: "conv",
  kernel_rows,
  stride_rows: 1,
  padding_rows: Math.floor(kernel_rows / 2),
  features,
  ...more,
});

/** A checked network of images. */
export const images = (
  [rows, cols, features]: readonly [number, number, number],
  layers: readonly NetworkLayer[],
): Network =>
  parseNetwork(
    {
      format: "network/1",
      name: "test",
      source: "test",
      unit: "image",
      stream: false,
      input: { rows, cols, features },
      layers,
    },
    "test.json",
  );

/** A checked network of characters. */
export const text = (layers: readonly NetworkLayer[], features = 1): Network =>
  parseNetwork(
    {
      format: "network/1",
      name: "test",
      source: "test",
      unit: "character",
      stream: true,
      input: { rows: 1, cols: 1, features },
      layers,
    },
    "test.json",
  );

export const run = (
  network: Network,
  target: Target,
  options: Partial<CostOptions> = {},
  chip: Arch = arch,
): CostEvaluation => {
  const targets = networkMatrices(network).map(({ module }): Target => {
    return module === "embedding" ? "digital" : target;
  });
  const once = { ...OPTIONS, prefill_tokens: 0, decode_tokens: 1 };
  return evaluateNetworkCost(chip, network, { name: target, targets }, { ...once, ...options });
};

/** Events of one kind in the breakdown. */
export const countOf = ({ breakdown }: CostEvaluation, component: string, action: string): number =>
  breakdown
    .filter((row) => row.component === component && row.action === action)
    .reduce((sum, row) => sum + row.count, 0);
