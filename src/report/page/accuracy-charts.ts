import { group } from "d3-array";
import type { Report } from "../../model/report.ts";
import { plain } from "../figures/fields.ts";
import { type Curve, drawCurves } from "../figures/lines.ts";
import type { Chart } from "./chart.ts";

/** Accuracy over the digital share, and over noise and age where the run varied them. */
export function accuracyCharts(report: Report): Chart[] {
  return [
    ...overShare(report),
    ...overCondition(report, "noise_scale"),
    ...overCondition(report, "age_s"),
  ];
}

/** Placements of one strategy are one curve: `NAME:FRACTION` is of strategy NAME. */
function overShare({ rows }: Report): Chart[] {
  const measured = rows.filter((row) => row.perplexity !== null);
  if (measured.length < 2) return [];
  const curves = [...group(measured, ({ placement }) => placement.replace(/:[\d.]+$/, ""))].map(
    ([name, own]): Curve => ({
      name,
      points: own
        .map((row) => ({
          x: row.digital_parameters_frac * 100,
          y: row.perplexity!,
          error: row.perplexity_sem ?? 0,
        }))
        .sort((a, b) => a.x - b.x),
    }),
  );
  return [
    {
      id: "accuracy-share",
      title: "Perplexity over the share of digital parameters",
      draw: (width) =>
        drawCurves(
          {
            summary: `Perplexity over the share of parameters computed digitally: ${measured.map((r) => `${r.placement} ${plain(r.perplexity!)}`).join(", ")}`,
            curves,
            xTitle: "digital parameters, %",
            yTitle: "perplexity, ± one standard error",
            xFormat: plain,
            yFormat: plain,
            isLogX: false,
          },
          width,
        ),
    },
  ];
}

const CONDITIONS = {
  noise_scale: { title: "noise scale", other: "age_s", isLogX: false },
  age_s: { title: "seconds since programming", other: "noise_scale", isLogX: true },
} as const;

function overCondition(
  { accuracy_points = [], options }: Report,
  by: keyof typeof CONDITIONS,
): Chart[] {
  const { title, other, isLogX } = CONDITIONS[by];
  if (new Set(accuracy_points.map((point) => point[by])).size < 2) return [];
  const own = accuracy_points.filter((point) => point[other] === options[other]);
  const curves = [...group(own, ({ placement }) => placement)].map(
    ([name, points]): Curve => ({
      name,
      points: points
        .map((p) => ({
          x: isLogX ? Math.max(p[by], 1) : p[by],
          y: p.perplexity,
          error: p.perplexity_sem ?? 0,
        }))
        .sort((a, b) => a.x - b.x),
    }),
  );
  return [
    {
      id: `accuracy-${by.replace("_", "-")}`,
      title: `Perplexity over ${title}`,
      draw: (width) =>
        drawCurves(
          {
            summary: `Perplexity over ${title}, one curve per placement`,
            curves,
            xTitle: isLogX && own.some((p) => p[by] < 1) ? `${title}; 0 stands at 1` : title,
            yTitle: "perplexity, ± one standard error",
            xFormat: plain,
            yFormat: plain,
            isLogX,
          },
          width,
        ),
    },
  ];
}
