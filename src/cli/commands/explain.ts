import { parseReport } from "../../input/parse-report.ts";
import { explainReport } from "../../report/explain-report.ts";
import { readJsonFile } from "../inputs.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { terminalStyle } from "../terminal-style.ts";

/** `ohmoe explain FILE`: why it is slow, costly, inaccurate, in ten lines. */
export async function explain(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const file = reader.text("file") ?? "";
  reader.check();
  const report = parseReport(readJsonFile(file), file);
  process.stdout.write(explainReport(report, terminalStyle(process.stdout)));
  return 0;
}
