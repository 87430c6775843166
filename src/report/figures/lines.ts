/** Curves with bands of one standard error. */
import { drawLegend } from "./bars.ts";
import { categoryColor } from "./palette.ts";
import { scaleOf } from "./scale.ts";
import { drawing, escapeText, label, line, px, textWidth } from "./svg.ts";

export interface Curve {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly error: number }[];
}

export interface CurveChart {
  readonly summary: string;
  readonly curves: readonly Curve[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xFormat: (value: number) => string;
  readonly yFormat: (value: number) => string;
  readonly isLogX: boolean;
}

const HEIGHT = 320;

export function drawCurves(chart: CurveChart, width: number): string {
  const { curves, xTitle, yTitle, xFormat, yFormat, isLogX, summary } = chart;
  const legend = drawLegend(
    curves.map(({ name }) => name),
    width,
  );
  const top = legend.height + 26;
  const bottom = top + HEIGHT - 70;
  const all = curves.flatMap(({ points }) => points);
  const y = scaleOf(
    all.flatMap((p) => [p.y - p.error, p.y + p.error]),
    bottom,
    top,
  );
  const left = Math.max(30, ...y.ticks.map((tick) => textWidth(yFormat(tick), 11) + 10));
  const x = scaleOf(
    all.map((p) => p.x),
    left + 6,
    width - 20,
    { log: isLogX, count: width < 500 ? 3 : 6 },
  );
  const muted = { size: 11, color: "var(--muted)" } as const;
  const grid =
    x.ticks
      .map(
        (tick) =>
          line(x.at(tick), top, x.at(tick), bottom, "var(--rule)") +
          label(x.at(tick), bottom + 15, xFormat(tick), { ...muted, anchor: "middle" }),
      )
      .join("") +
    y.ticks
      .map(
        (tick) =>
          line(left, y.at(tick), width - 16, y.at(tick), "var(--rule)") +
          label(left - 6, y.at(tick) + 4, yFormat(tick), { ...muted, anchor: "end" }),
      )
      .join("") +
    label(width - 16, bottom + 34, `${xTitle} →`, { ...muted, anchor: "end" }) +
    label(0, top - 10, `↑ ${yTitle}`, muted);
  const drawn = curves.map((curve, c) => drawCurve(curve, c, x.at, y.at, xFormat, yFormat));
  return drawing(width, bottom + 42, summary, legend.content + grid + drawn.join(""));
}

function drawCurve(
  { name, points }: Curve,
  index: number,
  x: (value: number) => number,
  y: (value: number) => number,
  xFormat: (value: number) => string,
  yFormat: (value: number) => string,
): string {
  const color = categoryColor(index);
  const path = (values: readonly (readonly [number, number])[]): string =>
    values.map(([a, b], i) => `${i === 0 ? "M" : "L"}${px(x(a))} ${px(y(b))}`).join("");
  const upper = points.map((p) => [p.x, p.y + p.error] as const);
  const lower = points.map((p) => [p.x, p.y - p.error] as const).reverse();
  const band = `<path d="${path([...upper, ...lower])}Z" fill="${color}" fill-opacity="0.18"/>`;
  const stroke = `<path d="${path(points.map((p) => [p.x, p.y] as const))}" fill="none" stroke="${color}" stroke-width="2"/>`;
  const dots = points.map(
    (p) =>
      `<circle cx="${px(x(p.x))}" cy="${px(y(p.y))}" r="3" fill="${color}"><title>${escapeText(`${name}: ${yFormat(p.y)} ± ${yFormat(p.error)} at ${xFormat(p.x)}`)}</title></circle>`,
  );
  const alone = points.map((p) => line(x(p.x), y(p.y - p.error), x(p.x), y(p.y + p.error), color));
  return (points.length > 1 ? band + stroke : alone.join("")) + dots.join("");
}
