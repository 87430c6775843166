import type { Report } from "../../model/report.ts";
import { chartsOf } from "../page/charts.ts";
import { renderDocument } from "../page/document.ts";
import {
  accuracySection,
  costSection,
  evidenceSection,
  expertSection,
  floorplanSection,
  inputsSection,
  paretoSection,
  summarySection,
  timeSection,
} from "../page/sections.ts";
import { headline } from "../summary.ts";
import { verdicts } from "../verdicts.ts";

/** One self-contained page: readable without a script, interactive with it. */
export function renderHtml(report: Report): string {
  const charts = chartsOf(report);
  const sections = [
    ["summary", "Summary", summarySection(report)],
    ["pareto", "Trade-offs", paretoSection(charts)],
    ["cost", "Energy, area", costSection(report, charts)],
    ["time", "Time", timeSection(report, charts)],
    ["floorplan", "Floorplan", floorplanSection(report, charts)],
    ["experts", "Experts", expertSection(report, charts)],
    ["accuracy", "Accuracy", accuracySection(report, charts)],
    ["evidence", "Evidence", evidenceSection(report, charts)],
    ["inputs", "Inputs", inputsSection(report)],
  ] as const;
  const shown = sections.filter(([, , content]) => content !== "");
  const { batch, prefill_tokens, decode_tokens, unit = "token" } = report.options;
  return renderDocument({
    title: headline(report),
    meta: `ohmoe ${report.version} · level ${report.level} · ${batch} x (${prefill_tokens} prompt + ${decode_tokens} generated) ${unit}s · seed ${report.seed}`,
    lead: leadSentence(report),
    sections: shown.map(([, , content]) => content),
    contents: shown.map(([id, title]) => [id, title]),
    data: report,
  });
}

/** "least energy: all-analog (214 uJ); ..." in one sentence. */
function leadSentence(report: Report): string {
  const parts = verdicts(report).map(
    ({ objective, winner, value, remark }) =>
      `${objective}: ${winner} with ${value}${objective === "lowest perplexity" ? ` (${remark})` : ""}`,
  );
  const text = parts.join("; ");
  return text === ""
    ? "No placement could be evaluated."
    : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
