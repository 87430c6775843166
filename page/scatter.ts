/** The scatter plot that answers: fields to pick, points to pin and compare. */
import type { Report } from "../src/model/report.ts";
import {
  defaultFields,
  fieldsOf,
  formatField,
  PLOT_FIELDS,
  type PlotFieldName,
} from "../src/report/figures/fields.ts";
import { paretoChart, valueText } from "../src/report/figures/pareto.ts";
import { drawScatter } from "../src/report/figures/scatter.ts";
import { button, element, hideTip, menu, onWidth, showTip, tableOf } from "./dom.ts";

/** Two points can be compared. */
const MOST_PINS = 2;

export function addScatter(place: HTMLElement, report: Report): void {
  const names = fieldsOf(report.rows);
  if (names.length < 2) return;
  const [x, y] = defaultFields(names);
  const pick: { x: PlotFieldName; y: PlotFieldName; size: PlotFieldName | null } = {
    x,
    y,
    size: null,
  };
  let pins: number[] = [];
  const plot = element("div");
  const compare = element("div", { "aria-live": "polite" });
  const titles = names.map((name) => [name, PLOT_FIELDS[name].title] as const);

  const draw = (width = plot.clientWidth): void => {
    const chart = paretoChart(report.rows, pick);
    const marked = new Set(pins.map((row) => chart.rowNumbers.indexOf(row)));
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.["point"];
    plot.innerHTML = drawScatter(chart, Math.max(280, width), marked).replace(
      'role="img"',
      'role="group"',
    );
    if (focused !== undefined)
      plot.querySelector<SVGElement>(`[data-point="${Number(focused)}"]`)?.focus();
    for (const circle of plot.querySelectorAll<SVGElement>("[data-point]")) {
      const point = Number(circle.dataset["point"]);
      const { title } = chart.points[point]!;
      circle.addEventListener("pointerenter", (event) =>
        showTip(title, event.clientX, event.clientY),
      );
      circle.addEventListener("pointerleave", hideTip);
      circle.addEventListener("click", () => toggle(chart.rowNumbers[point]!));
      circle.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle(chart.rowNumbers[point]!);
      });
    }
  };
  const toggle = (row: number): void => {
    pins = pins.includes(row)
      ? pins.filter((own) => own !== row)
      : [...pins, row].slice(-MOST_PINS);
    draw();
    compare.replaceChildren(...comparison(report, names, pins, clear));
  };
  const clear = (): void => {
    pins = [];
    draw();
    compare.replaceChildren();
  };
  const set = (axis: "x" | "y" | "size") => (value: string) => {
    pick[axis] = (value === "" ? null : value) as PlotFieldName;
    draw();
  };
  place.append(
    element(
      "div",
      { class: "bar" },
      menu("Across", titles, x, set("x")),
      menu("Up", titles, y, set("y")),
      menu("Size", [["", "all alike"], ...titles], "", set("size")),
    ),
    element(
      "p",
      { class: "note" },
      "Point at a mark to read it; click, or Enter, pins it. Two pinned placements are compared.",
    ),
    plot,
    compare,
  );
  onWidth(plot, draw);
}

/** One pinned row in figures, two with their ratio. */
function comparison(
  report: Report,
  names: readonly PlotFieldName[],
  pins: readonly number[],
  clear: () => void,
): HTMLElement[] {
  const rows = pins.map((i) => report.rows[i]!);
  const [a, b] = rows;
  if (a === undefined) return [];
  const heads = ["Pinned", ...rows.map(({ placement }) => placement), ...(b ? ["Ratio"] : [])];
  const lines = names.map((name) => [
    PLOT_FIELDS[name].title,
    ...rows.map((row) => valueText(row, name).slice(PLOT_FIELDS[name].title.length + 1)),
    ...(b ? [ratio(a[name] as number | null, b[name] as number | null)] : []),
  ]);
  const test = b === undefined ? [] : pairedText(report, a.placement, b.placement);
  return [tableOf(heads, lines), ...test, button("Unpin", clear)];
}

const ratio = (a: number | null, b: number | null): string =>
  a === null || b === null || a === 0 ? "-" : (b / a).toPrecision(3);

function pairedText({ paired }: Report, a: string, b: string): HTMLElement[] {
  const pair = paired.find(
    (own) => (own.placement === a && own.versus === b) || (own.placement === b && own.versus === a),
  );
  if (!pair) return [];
  const p = pair.p_value === null ? "no test" : `p = ${pair.p_value.toPrecision(2)}`;
  const text = `${pair.placement} minus ${pair.versus}: loss ${formatField("nll_nats", pair.nll_difference_nats)} nats, ${p}, ${pair.significant ? "significant" : "not significant"}`;
  return [element("p", { class: "note" }, text)];
}
