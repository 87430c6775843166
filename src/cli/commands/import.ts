import { basename, dirname, extname, resolve } from "node:path";
import { importWorkload } from "../../input/importers/index.ts";
import { writeWhole } from "../files.ts";
import { readJsonFile } from "../inputs.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";

/** `ohmoe import CONFIG.json`: a Hugging Face config to a workload. */
export async function importConfig(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const config = reader.text("config") ?? "";
  const out = reader.text("out");
  const name = reader.text("name") ?? nameOf(config);
  reader.check();
  const workload = importWorkload(readJsonFile(config), config, name);
  const text = `${JSON.stringify(workload, null, 2)}\n`;
  if (out === undefined) process.stdout.write(text);
  else writeWhole(out, text);
  return 0;
}

/** A config.json is named after its folder, any other file after itself. */
function nameOf(config: string): string {
  const path = resolve(config);
  const own = basename(path, extname(path));
  return own === "config" ? basename(dirname(path)) : own;
}
