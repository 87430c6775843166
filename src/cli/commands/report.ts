import { parseReport } from "../../input/parse-report.ts";
import { renderTerminal } from "../../report/terminal.ts";
import { readJsonFile } from "../inputs.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { readOutputs, writeOutputs } from "../output.ts";

/** `ohmoe report FILE --out ...`: renders a saved report again. */
export async function renderReport(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const file = reader.text("file") ?? "";
  const outputs = readOutputs(reader);
  reader.check();
  const report = parseReport(readJsonFile(file), file);
  writeOutputs(report, outputs);
  if (options["quiet"] !== true) process.stdout.write(renderTerminal(report));
  return 0;
}
