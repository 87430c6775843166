import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTask } from "../../src/cli/training/task.ts";
import { parseTraining } from "../../src/input/parse-training.ts";
import type { Network } from "../../src/model/network.ts";
import { networkMatrices, usesPerExample } from "../../src/model/network-matrices.ts";
import { trainedNetwork } from "../../src/model/trained-network.ts";
import { createNetwork } from "../../src/training/create-network.ts";
import { loadNetwork } from "../evaluate/load.ts";

const specs = readdirSync("training")
  .filter((file) => file.endsWith(".json"))
  .map((file) =>
    parseTraining(JSON.parse(readFileSync(`training/${file}`, "utf8")), `training/${file}`),
  )
  .filter(({ network }) => network.kind !== "checkpoint");

/** [inputs, outputs, uses] of every matrix that may be analog. */
const priced = (network: Network, steps: number) => {
  const matrices = networkMatrices(network);
  const uses = usesPerExample(network, matrices);
  return matrices
    .filter(({ module }) => module !== "embedding")
    .map(({ id, inputs, outputs }) => [inputs, outputs, steps * uses[id]!].join(" "));
};

describe.each(specs.map((spec) => [spec.name, spec] as const))("%s", (name, spec) => {
  const { network, data, seed } = spec;
  if (network.kind === "checkpoint") throw new Error("filtered out");
  const { shape } = readTask(data, name);

  test("the shipped network is that of the training file: `npx tsx scripts/write-networks.ts`", () => {
    const { $schema: _, ...shipped } = loadNetwork(name);
    expect(shipped).toEqual(trainedNetwork(name, network, shape));
  });

  test("it has the products of what is trained, as large and as often used", () => {
    const steps = "steps" in shape ? shape.steps : 1;
    const trained = createNetwork(network, shape, seed).products.map(({ inputs, outputs, uses }) =>
      [inputs, outputs, uses].join(" "),
    );
    // A block lists its shortcut before or after its convolutions; that decides nothing.
    expect(priced(loadNetwork(name), steps).sort()).toEqual(trained.sort());
  });
});
