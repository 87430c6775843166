/** Bars that lie: one a row, cut into parts, the name above so that long names have room. */
import { categoryColor } from "./palette.ts";
import { scaleOf } from "./scale.ts";
import { box, drawing, fitted, label, line, textWidth } from "./svg.ts";

export interface Bar {
  readonly name: string;
  /** Shown at the end of the bar in place of a value, if there are no parts. */
  readonly remark?: string;
  readonly parts: readonly { readonly key: string; readonly value: number }[];
}

export interface BarChart {
  readonly summary: string;
  readonly bars: readonly Bar[];
  /** Order of parts, and of colours. */
  readonly keys: readonly string[];
  readonly format: (value: number) => string;
  /** Title of the value axis. */
  readonly axis: string;
}

const BAR = 18;
const PITCH = 42;

export function drawBars({ summary, bars, keys, format, axis }: BarChart, width: number): string {
  // A single kind of part is what the title says.
  const legend = drawLegend(keys.length > 1 ? keys : [], width);
  const top = legend.height + 8;
  const totals = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const right = width - Math.max(50, ...totals.map((t) => textWidth(format(t), 12) + 10));
  const x = scaleOf([0, ...totals], 0, right, { zero: true, count: width < 500 ? 3 : 6 });
  const bottom = top + bars.length * PITCH;
  const rows = bars.map((bar, i) =>
    drawBar(bar, totals[i]!, top + i * PITCH, keys, format, x.at, width),
  );
  const axes = x.ticks.map(
    (tick) =>
      line(x.at(tick), top, x.at(tick), bottom, "var(--rule)") +
      label(Math.max(x.at(tick), 1), bottom + 15, format(tick), {
        size: 11,
        color: "var(--muted)",
        anchor: tick === 0 ? "start" : "middle",
      }),
  );
  const title = label(0, bottom + 33, axis, { size: 11, color: "var(--muted)" });
  const content = legend.content + axes.join("") + rows.join("") + title;
  return drawing(width, bottom + 40, summary, content);
}

function drawBar(
  { name, parts, remark }: Bar,
  total: number,
  y: number,
  keys: readonly string[],
  format: (value: number) => string,
  at: (value: number) => number,
  width: number,
): string {
  let begin = 0;
  const pieces = keys.map((key, k) => {
    const value = parts.find((part) => part.key === key)?.value ?? 0;
    if (value <= 0) return "";
    const piece = box(
      at(begin),
      y + 18,
      at(begin + value) - at(begin),
      BAR,
      categoryColor(k),
      `${name}: ${key} ${format(value)}`,
    );
    begin += value;
    return piece;
  });
  const end = remark ?? format(total);
  return (
    label(0, y + 13, fitted(name, 12, width - 10)) +
    pieces.join("") +
    label(at(total) + 6, y + 18 + 13.5, end, { color: "var(--muted)" })
  );
}

/** Names beside their colours, in as many lines as they take. */
export function drawLegend(
  keys: readonly string[],
  width: number,
  color: (index: number) => string = categoryColor,
): { readonly content: string; readonly height: number } {
  let [x, y] = [0, 0];
  const items = keys.map((key, k) => {
    const text = fitted(key, 12, width - 24);
    const wide = 18 + textWidth(text, 12) + 14;
    if (x > 0 && x + wide > width) [x, y] = [0, y + 20];
    const item = box(x, y + 2, 12, 12, color(k)) + label(x + 18, y + 12, text);
    x += wide;
    return item;
  });
  return { content: items.join(""), height: keys.length === 0 ? 0 : y + 22 };
}
