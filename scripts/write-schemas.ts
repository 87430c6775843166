/** Writes `schema/*.schema.json` from the schema objects of `src/model`: `npm run schema`. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { TSchema } from "typebox";
import { ArchSchema } from "../src/model/arch.ts";
import { ExplorationSchema } from "../src/model/exploration.ts";
import { NetworkSchema } from "../src/model/network.ts";
import { PlacementFileSchema } from "../src/model/placement.ts";
import { ReportSchema } from "../src/model/report.ts";
import { ScoresFileSchema } from "../src/model/scores.ts";
import { SweepSchema } from "../src/model/sweep.ts";
import { TrainingSchema } from "../src/model/training.ts";
import { WorkloadSchema } from "../src/model/workload.ts";

export interface FileFormat {
  /** `schema/NAME.schema.json` and `docs/reference/NAME.md`. */
  readonly name: string;
  /** What files of the format start with. */
  readonly format: string;
  readonly title: string;
  readonly schema: TSchema;
  /** What the schema does not say; for the reference page. */
  readonly remarks: readonly string[];
}

/** Every format that has a schema. To add one, add a row. */
export const FORMATS: readonly FileFormat[] = [
  {
    name: "arch",
    format: "arch/1",
    title: "A heterogeneous analog and digital chip",
    schema: ArchSchema,
    remarks: [
      "`extends` names a base file of the same format. Objects are merged field by field, arrays and all other values replace; an object whose `kind` differs replaces its counterpart. One level only. Editors check a file as it stands, so one that extends another looks incomplete to them.",
      "Checked beyond the table: the mesh has room for all tiles, hubs lie on it, `bits_per_phase` divides `bits` (and equals it unless bit-serial), `slices` divides the columns, clock periods are whole picoseconds, memories that are named exist, and names differ.",
    ],
  },
  {
    name: "workload",
    format: "workload/1",
    title: "The shape of a mixture-of-experts language model",
    schema: WorkloadSchema,
    remarks: [
      "`ohmoe import` writes such files from a Hugging Face `config.json`.",
      "Checked beyond the table: no more active experts than experts, groups divide the experts and hold enough of them, key-value heads divide the query heads, dense layers exist, at least one layer has experts.",
    ],
  },
  {
    name: "network",
    format: "network/1",
    title: "The shape of a network that is no decoder with experts",
    schema: NetworkSchema,
    remarks: [
      "`ohmoe run` and `ohmoe compare` take such a file as `--workload` and give time, energy and area of it; `workloads/` has some.",
      "Checked beyond the table: names differ, layers read earlier ones, windows fit, sums are of one shape, heads divide the features, streams are one position at a time, some layer has weights.",
    ],
  },
  {
    name: "placement",
    format: "placement/1",
    title: "Which matrix of a model is computed where",
    schema: PlacementFileSchema,
    remarks: [
      "A rule names matrices by what they are; what it leaves out it does not ask about. Embedding and router are digital in every placement, whatever the default and broader rules say.",
      "Checked beyond the table, against the workload: layers and experts exist, every rule names at least one matrix, and no rule puts an always-digital module on analog tiles.",
    ],
  },
  {
    name: "scores",
    format: "scores/1",
    title: "Expert scores of a model",
    schema: ScoresFileSchema,
    remarks: [
      "`ohmoe score --out` writes such files, `--scores` reads them.",
      "Checked beyond the table, where the model is known: one list per layer, one score per expert.",
    ],
  },
  {
    name: "sweep",
    format: "sweep/1",
    title: "A design space",
    schema: SweepSchema,
    remarks: [
      "`ohmoe explore` runs such files; `spaces/` has some to start from. Paths are relative to the space file.",
      "Checked beyond the table: every pointer leads to a field that the base has, every value passes the schema of what it changes, names differ and are no fields of a row, expressions read known fields and call only abs, ceil, equalText, exp, floor, log, log10, log2, max, min, mod, pow, round and sqrt, objectives of accuracy have a source of it.",
      "A value that is valid alone but not beside others gives rows with an `error`; the exploration goes on.",
    ],
  },
  {
    name: "exploration",
    format: "exploration/1",
    title: "What an exploration found",
    schema: ExplorationSchema,
    remarks: [
      "`ohmoe explore` writes it as `exploration.json`. It holds no clock: equal spaces give equal files, whatever `--jobs`, interruptions and engine.",
      "Standard errors are over noise seeds; `within_noise_of` takes two points as measured independently, and names too many rather than too few.",
    ],
  },
  {
    name: "training",
    format: "training/1",
    title: "What is trained, on what, how, and on which chip it is tried",
    schema: TrainingSchema,
    remarks: [
      "`ohmoe train` and `ohmoe sensitivity` read such files; `training/` has one for each topology. Paths are relative to the file.",
      "`hardware_aware.forward` replaces figures of the tile while training; what it leaves out is as the tile has it. Evaluation always is on the tile itself.",
      "Checked beyond the table: the data suit the network, chapters for training, validation and evaluation do not overlap, networks other than checkpoints have a `digital` recipe, heads divide the features, the warm-up is no longer than the training.",
    ],
  },
  {
    name: "report",
    format: "report/1",
    title: "What a run found out",
    schema: ReportSchema,
    remarks: [
      "`ohmoe compare --out FILE.json` writes such files, `ohmoe report` renders them again.",
      "The breakdown sums to its row: energy of phase `prefill` to `prefill_energy_pJ`, of phase `decode` to `energy_pJ_per_token` times the generated tokens of the batch, areas to `area_mm2`.",
    ],
  },
];

/** Text of a schema file. The order of fields is that of the source. */
export function schemaText({ name, title, schema }: FileFormat): string {
  const file = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:ohmoe:schema:${name}:1`,
    title,
    ...schema,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Path of a schema file, from the root of the repository. */
export const schemaPath = ({ name }: FileFormat): string => `schema/${name}.schema.json`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const format of FORMATS) writeFileSync(schemaPath(format), schemaText(format));
