/** Points in the plane, with error bars; what others beat is faded. */
import { type Scale, scaleOf } from "./scale.ts";
import { drawing, escapeText, fitted, label, line, px, textWidth } from "./svg.ts";

export interface ScatterPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Standard errors; null where there is none. */
  readonly xError: number | null;
  readonly yError: number | null;
  /** Share of the largest mark, 0 to 1. */
  readonly size: number;
  readonly isDominated: boolean;
  /** What a pointer shows. */
  readonly title: string;
}

export interface ScatterChart {
  readonly summary: string;
  readonly points: readonly ScatterPoint[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xFormat: (value: number) => string;
  readonly yFormat: (value: number) => string;
}

/** How the browser marks points that are pinned: by number of the point. */
export type Marked = ReadonlySet<number>;

const HEIGHT = 380;
const TOP = 26;
const BOTTOM = 44;

export function drawScatter(chart: ScatterChart, width: number, pinned?: Marked): string {
  const { points, yFormat } = chart;
  const withErrors = (value: number, error: number | null): number[] =>
    error === null ? [value] : [value - error, value + error];
  const ys = points.flatMap(({ y, yError }) => withErrors(y, yError));
  const xs = points.flatMap(({ x, xError }) => withErrors(x, xError));
  const y = scaleOf(ys, HEIGHT - BOTTOM, TOP, { log: true });
  const left = Math.max(30, ...y.ticks.map((tick) => textWidth(yFormat(tick), 11) + 10));
  const x = scaleOf(xs, left, width - 16, { log: true, count: width < 500 ? 3 : 6 });
  const places = points.map((point) => ({ x: x.at(point.x), y: y.at(point.y) }));
  const content =
    axes(chart, x, y, left, width) +
    points.map((point, i) => errorBars(point, places[i]!, x, y)).join("") +
    points.map((point, i) => mark(point, i, places[i]!, pinned)).join("") +
    names(points, places, left, width);
  return drawing(width, HEIGHT, chart.summary, content);
}

function axes(
  { xTitle, yTitle, xFormat, yFormat }: ScatterChart,
  x: Scale,
  y: Scale,
  left: number,
  width: number,
): string {
  const muted = { size: 11, color: "var(--muted)" } as const;
  const bottom = HEIGHT - BOTTOM;
  const vertical = x.ticks.map(
    (tick) =>
      line(x.at(tick), TOP, x.at(tick), bottom, "var(--rule)") +
      label(x.at(tick), bottom + 15, xFormat(tick), { ...muted, anchor: "middle" }),
  );
  const horizontal = y.ticks.map(
    (tick) =>
      line(left, y.at(tick), width - 16, y.at(tick), "var(--rule)") +
      label(left - 6, y.at(tick) + 4, yFormat(tick), { ...muted, anchor: "end" }),
  );
  const log = (scale: Scale): string => (scale.isLog ? ", log" : "");
  return (
    vertical.join("") +
    horizontal.join("") +
    label(width - 16, HEIGHT - 8, `${xTitle}${log(x)} →`, { ...muted, anchor: "end" }) +
    label(0, 12, `↑ ${yTitle}${log(y)}`, muted)
  );
}

function errorBars(
  { x: vx, y: vy, xError, yError }: ScatterPoint,
  at: { readonly x: number; readonly y: number },
  x: Scale,
  y: Scale,
): string {
  const color = "var(--muted)";
  const across =
    xError === null ? "" : line(x.at(vx - xError), at.y, x.at(vx + xError), at.y, color);
  const up = yError === null ? "" : line(at.x, y.at(vy - yError), at.x, y.at(vy + yError), color);
  return across + up;
}

function mark(
  { name, size, isDominated, title }: ScatterPoint,
  index: number,
  at: { readonly x: number; readonly y: number },
  pinned: Marked | undefined,
): string {
  const interactive =
    pinned === undefined
      ? ""
      : ` data-point="${index}" tabindex="0" role="button" aria-pressed="${pinned.has(index)}" aria-label="${escapeText(title)}"`;
  const fill = isDominated ? "var(--ground)" : "var(--c0)";
  const ring = pinned?.has(index)
    ? ' stroke="var(--c1)" stroke-width="4"'
    : ' stroke="var(--c0)" stroke-width="1.5"';
  const tip = pinned === undefined ? `<title>${escapeText(title)}</title>` : "";
  return `<circle cx="${px(at.x)}" cy="${px(at.y)}" r="${px(4.5 + 7 * Math.sqrt(size))}" fill="${fill}" fill-opacity="0.85"${ring}${interactive} data-name="${escapeText(name)}">${tip}</circle>`;
}

/** Names of points, left out where they would cover another name or run out of the drawing. */
function names(
  points: readonly ScatterPoint[],
  places: readonly { readonly x: number; readonly y: number }[],
  left: number,
  width: number,
): string {
  const taken: { x: number; y: number; w: number }[] = [];
  const order = points
    .map((_, i) => i)
    .sort((a, b) => Number(points[a]!.isDominated) - Number(points[b]!.isDominated));
  const texts = order.map((i) => {
    const { name, size, isDominated } = points[i]!;
    const text = fitted(name, 11, width * 0.45);
    const w = textWidth(text, 11);
    const gap = 8 + 7 * Math.sqrt(size);
    const at = places[i]!;
    const isLeft = at.x + gap + w > width - 4 && at.x - gap - w > left;
    const x = isLeft ? at.x - gap - w : at.x + gap;
    const y = [4, -8, 16, -20, 28]
      .map((dy) => at.y + dy)
      .find(
        (own) =>
          taken.every((t) => Math.abs(t.y - own) > 11 || x > t.x + t.w || x + w < t.x) &&
          places.every(
            (p, j) => j === i || Math.abs(p.y - own + 4) > 9 || p.x < x - 6 || p.x > x + w + 6,
          ),
      );
    if (y === undefined || x + w > width || y < TOP || y > HEIGHT - BOTTOM) return "";
    taken.push({ x, y, w });
    return label(x, y, text, { size: 11, color: isDominated ? "var(--muted)" : "var(--ink)" });
  });
  return texts.join("");
}
