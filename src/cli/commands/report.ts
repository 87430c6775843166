import { parseReport } from "../../input/parse-report.ts";
import { reduceTo, TOPICS, type TopicName } from "../../report/only.ts";
import { renderTerminal } from "../../report/terminal.ts";
import { renderTopic } from "../../report/topic-tables.ts";
import { readJsonFile } from "../inputs.ts";
import { type CommandOptions, createOptionReader } from "../options.ts";
import { isTimeline, readOutputs, writeOutputs } from "../output.ts";
import { terminalStyle } from "../terminal-style.ts";

/** `ohmoe report FILE --out ...`: renders a saved report again. */
export async function renderReport(options: CommandOptions): Promise<number> {
  const reader = createOptionReader(options);
  const file = reader.text("file") ?? "";
  const outputs = readOutputs(reader);
  const only: TopicName | null =
    options["only"] === undefined ? null : reader.oneOf("only", TOPICS);
  if (outputs.some(isTimeline))
    reader.refuse("out", "no timelines: a report has no ops; `ohmoe run` and `compare` write them");
  reader.check();
  const value = readJsonFile(file);
  if (isExploration(value))
    return (await import("../exploration-page.ts")).renderExplorationFile(
      value,
      file,
      outputs,
      options["quiet"] === true,
    );
  const whole = parseReport(value, file);
  const report = only === null ? whole : reduceTo(whole, only);
  await writeOutputs(report, outputs);
  if (options["quiet"] !== true) {
    const style = terminalStyle(process.stdout);
    process.stdout.write(
      only === null ? renderTerminal(report, style) : renderTopic(report, only, style),
    );
  }
  for (const output of outputs)
    if (options["quiet"] !== true) process.stderr.write(`wrote ${output}\n`);
  return 0;
}

const isExploration = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "schema" in value &&
  value.schema === "exploration/1";
