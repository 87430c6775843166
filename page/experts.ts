/** The expert map that answers: figure, placement and order to pick. */
import type { Report } from "../src/model/report.ts";
import { type ExpertTable, expertFields, expertTable } from "../src/report/figures/expert-map.ts";
import { plain } from "../src/report/figures/fields.ts";
import { drawHeatmap } from "../src/report/figures/heatmap.ts";
import { element, menu, onWidth } from "./dom.ts";

export function addExperts(place: HTMLElement, report: Report): void {
  const { experts } = report;
  if (experts === undefined) return;
  const fields = expertFields(report);
  const pick = {
    what: fields[0]![0],
    placement: firstDivided(report),
    sorted: "no",
  };
  const plot = element("div");
  const draw = (width = plot.clientWidth): void => {
    const values = expertTable(report, pick.what, pick.placement);
    const digital = expertTable(report, "digital", pick.placement);
    const orders = values.map((row) => orderOf(row, pick.sorted === "yes"));
    const inOrder = <T>(rows: readonly (readonly T[])[]): T[][] =>
      orders.map((order, l) => order.map((e) => rows[l]![e]!));
    const title = fields.find(([name]) => name === pick.what)![1];
    plot.innerHTML = drawHeatmap(
      {
        summary: `${title} of every expert, layer by ${pick.sorted === "yes" ? "rank" : "expert"}`,
        rows: experts.layers.map((layer) => `layer ${layer}`),
        cols: Array.from(
          { length: experts.experts },
          (_, e) => `${pick.sorted === "yes" ? e + 1 : e}`,
        ),
        values: inOrder(values),
        format: plain,
        isFramed:
          digital.length === 0
            ? []
            : inOrder(digital).map((row) => row.map((share) => (share ?? 0) >= 0.5)),
        axis: pick.sorted === "yes" ? "rank" : "expert",
      },
      Math.max(280, width),
    );
    labelRanks(plot, orders, experts.layers, values, pick.sorted === "yes");
  };
  const set = (name: keyof typeof pick) => (value: string) => {
    pick[name] = value;
    draw();
  };
  place.append(
    element(
      "div",
      { class: "bar" },
      menu("Show", fields, pick.what, set("what")),
      menu(
        "Placement",
        experts.placements.map(({ placement }) => [placement, placement] as const),
        pick.placement,
        set("placement"),
      ),
      menu(
        "Order",
        [
          ["no", "by number"],
          ["yes", "by value"],
        ],
        "no",
        set("sorted"),
      ),
    ),
    element(
      "p",
      { class: "note" },
      "A frame marks experts that the placement computes digitally, at least by half.",
    ),
    plot,
  );
  onWidth(plot, draw);
}

/** Experts of one layer, the largest value first, or as they are numbered. */
function orderOf(row: ExpertTable[number], sorted: boolean): number[] {
  const order = row.map((_, e) => e);
  return sorted
    ? order.sort((a, b) => (row[b] ?? -Infinity) - (row[a] ?? -Infinity) || a - b)
    : order;
}

/** Where cells are sorted, a pointer still learns which expert each one is. */
function labelRanks(
  plot: HTMLElement,
  orders: readonly (readonly number[])[],
  layers: readonly number[],
  values: ExpertTable,
  sorted: boolean,
): void {
  if (!sorted) return;
  const titles = plot.querySelectorAll("title");
  let next = 0;
  orders.forEach((order, l) => {
    for (const e of order) {
      const value = values[l]![e];
      if (value === null || value === undefined) continue;
      const title = titles[next++];
      if (title) title.textContent = `layer ${layers[l]}, expert ${e}: ${plain(value)}`;
    }
  });
}

/** A placement that puts some experts here and some there, if there is one. */
function firstDivided({ experts }: Report): string {
  const placements = experts?.placements ?? [];
  const divided = placements.find(({ digital_frac }) =>
    digital_frac.flat().some((share) => share !== digital_frac[0]?.[0]),
  );
  return (divided ?? placements[0])?.placement ?? "";
}
