/** A chart with error bars as SVG: lines through points, or points alone; nothing else. */
import { type Axis, axisOf } from "./chart-axis.ts";

export interface Curve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly error: number }[];
  /** Points that no line joins; left out: a line. */
  readonly isScatter?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
  /** Powers of ten on an axis; left out: linear from 0. */
  readonly isLogX?: boolean;
  readonly isLogY?: boolean;
  /** Words in place of numbers along x. */
  readonly namesOfX?: Readonly<Record<number, string>>;
  /** A line where y = x. */
  readonly hasDiagonal?: boolean;
}

const [WIDTH, HEIGHT] = [860, 420];
const BOX = { left: 70, right: 540, top: 44, bottom: 364 };
const LEGEND = { left: 558, top: 58, step: 20 };
/** Okabe and Ito, "Color Universal Design", 2008: told apart by colour-blind readers, too. */
const HUES = ["#999999", "#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"];
const DASHES = ["", "2 3", "", "7 3", "", "9 3 2 3", "", "4 2"];
/** Colours that follow the reader's theme; a card of its own where a viewer knows no themes. */
const STYLE = `<style>
text{fill:#222}.card{fill:#fff}.grid{stroke:#ddd}.ink{stroke:#222;fill:none}.dot{fill:#222}
@media (prefers-color-scheme:dark){text{fill:#ddd}.card{fill:#1b1b1b}.grid{stroke:#3a3a3a}.ink{stroke:#ddd}.dot{fill:#ddd}}
</style>`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`;
const place = (value: number): string => value.toFixed(1);

interface Frame {
  readonly x: Axis;
  readonly y: Axis;
}

function frameOf({ curves, isLogX, isLogY, hasDiagonal }: Chart): Frame {
  const points = curves.flatMap((curve) => curve.points);
  const xs = points.map((p) => p.x);
  const ys = points.flatMap((p) => [p.y, p.y + p.error]);
  const both = [...xs, ...ys];
  return {
    x: axisOf(hasDiagonal ? both : xs, isLogX ?? false, BOX.left, BOX.right),
    y: axisOf(hasDiagonal ? both : ys, isLogY ?? false, BOX.bottom, BOX.top),
  };
}

function grid({ x, y }: Frame, names: Chart["namesOfX"]): string[] {
  const along = names === undefined ? x.ticks : Object.keys(names).map(Number);
  return [
    ...along.map((value) =>
      text(x.at(value), BOX.bottom + 18, names?.[value] ?? label(value), 'text-anchor="middle"'),
    ),
    ...y.ticks.flatMap((value) => [
      `<path class="grid" d="M${BOX.left} ${place(y.at(value))}H${BOX.right}"/>`,
      text(BOX.left - 6, y.at(value) + 4, label(value), 'text-anchor="end"'),
    ]),
  ];
}

const label = (value: number): string => String(Number(value.toPrecision(6)));

/** The first curve is drawn in the colour of the text: it is what others are measured by. */
function paint(i: number): { readonly line: string; readonly dot: string } {
  if (i === 0) return { line: 'class="ink"', dot: 'class="dot"' };
  const hue = HUES[(i - 1) % HUES.length];
  return { line: `fill="none" stroke="${hue}"`, dot: `fill="${hue}"` };
}

function curveMarks({ label: name, points, isScatter }: Curve, i: number, { x, y }: Frame) {
  const { line, dot } = paint(i);
  const dash = `stroke-width="2" stroke-dasharray="${DASHES[i % DASHES.length]}"`;
  const path = points.map(
    (p, j) => `${j === 0 ? "M" : "L"}${place(x.at(p.x))} ${place(y.at(p.y))}`,
  );
  const bars = points
    .filter(({ error }) => error > 0)
    .map((p) => `M${place(x.at(p.x))} ${place(y.at(p.y - p.error))}V${place(y.at(p.y + p.error))}`);
  const dots = points.map(
    (p) =>
      `<circle cx="${place(x.at(p.x))}" cy="${place(y.at(p.y))}" r="${isScatter ? 2.5 : 3}" ${dot}/>`,
  );
  const at = LEGEND.top + LEGEND.step * i;
  const middle = LEGEND.left + 14;
  return [
    ...(isScatter ? [] : [`<path d="${path.join("")}" ${line} ${dash}/>`]),
    ...(bars.length === 0 ? [] : [`<path d="${bars.join("")}" ${line}/>`]),
    ...dots,
    ...(isScatter ? [] : [`<path d="M${LEGEND.left} ${at - 4}h28" ${line} ${dash}/>`]),
    `<circle cx="${middle}" cy="${at - 4}" r="3" ${dot}/>`,
    text(LEGEND.left + 36, at, name),
  ];
}

export function lineChart(chart: Chart): string {
  const { title, x, y, curves } = chart;
  const frame = frameOf(chart);
  const [low, high] = frame.x.range;
  const diagonal = `<path class="ink" stroke-dasharray="1 4" d="M${place(frame.x.at(low))} ${place(frame.y.at(low))}L${place(frame.x.at(high))} ${place(frame.y.at(high))}"/>`;
  const marks = curves.flatMap((curve, i) => curveMarks(curve, i, frame));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
${STYLE}
<rect class="card" width="${WIDTH}" height="${HEIGHT}"/>
${text(BOX.left, 24, title, 'font-size="15"')}
${[...grid(frame, chart.namesOfX), ...(chart.hasDiagonal ? [diagonal] : []), ...marks].join("\n")}
<path class="ink" d="M${BOX.left} ${BOX.bottom}H${BOX.right}"/>
${text((BOX.left + BOX.right) / 2, HEIGHT - 16, x, 'text-anchor="middle"')}
${text(0, 0, y, `text-anchor="middle" transform="translate(18 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)"`)}
</svg>
`;
}
