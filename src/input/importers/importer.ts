import type { Workload } from "../../model/workload.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What an importer finds in a config; name, family and source are added by `importWorkload`. */
export type ImportedShape = Omit<Workload, "format" | "name" | "family" | "source">;

/** One Hugging Face `model_type`. */
export interface Importer {
  readonly summary: string;
  readonly read: (config: ConfigReader) => ImportedShape;
}
