/** Writes `workloads/NAME.json` for the networks of `training/NAME.json`, with the sizes of their data. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readTask } from "../src/cli/training/task.ts";
import { parseTraining } from "../src/input/parse-training.ts";
import type { Network } from "../src/model/network.ts";
import { trainedNetwork } from "../src/model/trained-network.ts";

for (const file of readdirSync("training").filter((name) => name.endsWith(".json"))) {
  const path = `training/${file}`;
  const { name, network: spec, data } = parseTraining(JSON.parse(readFileSync(path, "utf8")), path);
  if (spec.kind === "checkpoint") continue;
  const network: Network = trainedNetwork(name, spec, readTask(data, path).shape);
  const text = JSON.stringify({ $schema: "../schema/network.schema.json", ...network }, null, 2);
  writeFileSync(`workloads/${name}.json`, `${text}\n`);
}
