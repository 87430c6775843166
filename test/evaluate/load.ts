import { readdirSync, readFileSync } from "node:fs";
import { parseArch } from "../../src/input/parse-arch.ts";
import { isNetwork, parseNetwork } from "../../src/input/parse-network.ts";
import { parseWorkload } from "../../src/input/parse-workload.ts";
import type { Arch } from "../../src/model/arch.ts";
import { ALWAYS_DIGITAL, weightMatrices } from "../../src/model/matrix.ts";
import type { Network } from "../../src/model/network.ts";
import type { Placement, Target } from "../../src/model/placement.ts";
import type { CostOptions } from "../../src/model/run.ts";
import type { Workload } from "../../src/model/workload.ts";

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

const shipped = (isWanted: (value: unknown) => boolean): readonly string[] =>
  readdirSync("workloads")
    .filter((file) => file.endsWith(".json") && isWanted(json(`workloads/${file}`)))
    .map((file) => file.replace(/\.json$/, ""));

/** Every shipped decoder. */
export const WORKLOADS = shipped((value) => !isNetwork(value));

/** Every shipped network of another kind. */
export const NETWORKS = shipped(isNetwork);

/** A shipped chip. */
export const loadArch = (name: string): Arch =>
  parseArch(json(`arch/${name}.json`), name, (path) => ({
    value: json(`arch/${path}`),
    file: path,
  }));

/** A shipped workload. */
export const loadWorkload = (name: string): Workload =>
  parseWorkload(json(`workloads/${name}.json`), name);

/** A shipped network. */
export const loadNetwork = (name: string): Network =>
  parseNetwork(json(`workloads/${name}.json`), name);

/** Targets by module; embedding and router are digital. */
export const placementOf = (
  workload: Workload,
  targetOf: (matrix: ReturnType<typeof weightMatrices>[number]) => Target,
): Placement => ({
  name: "test",
  targets: weightMatrices(workload).map((matrix) =>
    ALWAYS_DIGITAL.includes(matrix.module) ? "digital" : targetOf(matrix),
  ),
});

export const allAnalog = (workload: Workload): Placement => placementOf(workload, () => "analog");
export const allDigital = (workload: Workload): Placement => placementOf(workload, () => "digital");
export const expertsAnalog = (workload: Workload): Placement =>
  placementOf(workload, ({ module }) => (module === "expert" ? "analog" : "digital"));

export const OPTIONS: CostOptions = {
  seed: 1,
  batch: 1,
  prefill_tokens: 4,
  decode_tokens: 2,
  routing: { kind: "uniform" },
  level: "simulate",
  overflow: "infeasible",
};
