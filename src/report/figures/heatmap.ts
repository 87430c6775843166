/** A grid of values: rows by columns, darker is more. */
import { inkOnStep, stepColor } from "./palette.ts";
import { box, drawing, fitted, label, textWidth } from "./svg.ts";

export interface Heatmap {
  readonly summary: string;
  readonly rows: readonly string[];
  readonly cols: readonly string[];
  /** Null: nothing there. [rows][cols] */
  readonly values: readonly (readonly (number | null)[])[];
  readonly format: (value: number) => string;
  /** Marked with a frame; [rows][cols] */
  readonly isFramed?: readonly (readonly boolean[])[];
  readonly axis: string;
}

const ROW = 22;

export function drawHeatmap(map: Heatmap, width: number): string {
  const { rows, cols, values, format, summary, axis } = map;
  const left = Math.min(width * 0.3, Math.max(...rows.map((name) => textWidth(name, 11))) + 8);
  const cell = (width - left) / Math.max(1, cols.length);
  const all = values.flat().filter((value) => value !== null);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const every = Math.max(1, Math.ceil((textWidth("000", 10) + 4) / cell));
  const heads = cols.map((name, c) =>
    c % every === 0
      ? label(left + (c + 0.5) * cell, 12, name, {
          size: 10,
          anchor: "middle",
          color: "var(--muted)",
        })
      : "",
  );
  const body = rows.map((name, r) => {
    const y = 18 + r * ROW;
    const cells = cols.map((col, c) => {
      const value = values[r]?.[c] ?? null;
      if (value === null) return "";
      const x = left + c * cell;
      const frame = map.isFramed?.[r]?.[c] ? framed(x, y, cell) : "";
      const text = format(value);
      const inside =
        textWidth(text, 10) < cell - 4
          ? label(x + cell / 2, y + 14.5, text, {
              size: 10,
              anchor: "middle",
              color: inkOnStep(value, least, most),
            })
          : "";
      const title = `${name}, ${axis} ${col}: ${text}`;
      return box(x, y, cell - 1, ROW - 1, stepColor(value, least, most), title) + frame + inside;
    });
    return label(0, y + 15, fitted(name, 11, left), { size: 11 }) + cells.join("");
  });
  return drawing(width, 20 + rows.length * ROW, summary, heads.join("") + body.join(""));
}

const framed = (x: number, y: number, cell: number): string =>
  `<rect x="${(x + 1).toFixed(2)}" y="${y + 1}" width="${Math.max(1, cell - 3).toFixed(2)}" height="${ROW - 3}" fill="none" stroke="var(--c1)" stroke-width="2"/>`;
