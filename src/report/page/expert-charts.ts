import type { Report } from "../../model/report.ts";
import { expertFields, expertTable } from "../figures/expert-map.ts";
import { plain } from "../figures/fields.ts";
import { drawHeatmap } from "../figures/heatmap.ts";
import type { Chart } from "./chart.ts";

/** Load and scores once; which experts are digital for each placement that divides them. */
export function expertCharts(report: Report): Chart[] {
  const { experts } = report;
  if (experts === undefined || experts.layers.length === 0) return [];
  const chart = (id: string, title: string, what: string, placement: string): Chart => ({
    id,
    title,
    draw: (width) =>
      drawHeatmap(
        {
          summary: `${title}, layer by expert`,
          rows: experts.layers.map((layer) => `layer ${layer}`),
          cols: Array.from({ length: experts.experts }, (_, e) => `${e}`),
          values: expertTable(report, what, placement),
          format: plain,
          axis: "expert",
        },
        width,
      ),
  });
  const divided = experts.placements.filter(({ digital_frac }) => {
    const all = digital_frac.flat();
    return all.some((share) => share !== all[0]);
  });
  return [
    ...expertFields(report)
      .filter(([what]) => what !== "digital" && what !== "snr")
      .map(([what, title]) => chart(`experts-${what}`, `Experts: ${title}`, what, "")),
    ...divided.map(({ placement }, i) =>
      chart(
        `experts-digital-${i}`,
        `Experts computed digitally: ${placement}`,
        "digital",
        placement,
      ),
    ),
  ];
}
