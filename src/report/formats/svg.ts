import type { Report } from "../../model/report.ts";
import { standalone } from "../figures/palette.ts";
import { drawing, label, px } from "../figures/svg.ts";
import type { Chart } from "../page/chart.ts";
import { chartsOf } from "../page/charts.ts";
import { WIDE } from "../page/markup.ts";
import { headline } from "../summary.ts";

const MARGIN = 20;
/** What the sheet shows of what there is, in this order. */
const ON_SHEET = ["pareto", "energy", "decode", "prefill", "accuracy-share"];

/** The main figures one below the other. */
export function renderSvg(report: Report): string {
  const all = Object.values(chartsOf(report)).flat();
  const charts = ON_SHEET.flatMap((id) => all.filter((chart) => chart.id === id));
  let y = 58;
  const placed = charts.map((chart) => {
    const svg = chart.draw(WIDE);
    const title = label(MARGIN, y, chart.title, { size: 14, bold: true });
    const at = `<svg x="${MARGIN}" y="${px(y + 14)}" `;
    y += heightOf(svg) + 56;
    return title + svg.replace(/<svg xmlns="[^"]*" /, at);
  });
  const title = label(MARGIN, 28, headline(report), { size: 18, bold: true });
  const summary = `${headline(report)}: ${charts.map((chart) => chart.title).join("; ")}`;
  return `${standalone(drawing(WIDE + 2 * MARGIN, y - 10, summary, title + placed.join("")))}\n`;
}

const heightOf = (svg: string): number => Number(/ height="([\d.]+)"/.exec(svg)![1]);

/** Every figure as a file of its own. */
export function renderFigures(
  report: Report,
): readonly { readonly name: string; readonly svg: string }[] {
  return Object.values(chartsOf(report))
    .flat()
    .map((chart: Chart) => ({
      name: `${fileName(chart)}.svg`,
      svg: `${standalone(chart.draw(WIDE))}\n`,
    }));
}

/** Ids come from names in files; a file name keeps letters, digits and dashes only. */
const fileName = ({ id }: Chart): string => id.replaceAll(/[^\w-]+/g, "-");
