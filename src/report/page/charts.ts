/** Every figure of a report, by name; the same ones on the page, as SVG and as PNG. */
import { rollup, sum } from "d3-array";
import type { Report } from "../../model/report.ts";
import { EVIDENCE } from "../../model/schema.ts";
import { unitOf } from "../columns.ts";
import { type Bar, drawBars } from "../figures/bars.ts";
import { defaultFields, fieldsOf, plain, quantity } from "../figures/fields.ts";
import { paretoChart } from "../figures/pareto.ts";
import { drawScatter } from "../figures/scatter.ts";
import { accuracyCharts } from "./accuracy-charts.ts";
import type { Chart } from "./chart.ts";
import { expertCharts } from "./expert-charts.ts";
import { floorplanCharts } from "./floorplan-charts.ts";
import { barsOf, largestKeys, partsOf } from "./placement-bars.ts";
import { timeCharts } from "./time-charts.ts";

export type Topic = "summary" | "cost" | "time" | "floorplan" | "experts" | "accuracy" | "evidence";
export type Charts = Readonly<Record<Topic, readonly Chart[]>>;

export function chartsOf(report: Report): Charts {
  return {
    summary: paretoCharts(report),
    cost: [...energyCharts(report), ...areaCharts(report), ...layerCharts(report)],
    time: timeCharts(report),
    floorplan: floorplanCharts(report),
    experts: expertCharts(report),
    accuracy: accuracyCharts(report),
    evidence: evidenceCharts(report),
  };
}

function paretoCharts({ rows }: Report): Chart[] {
  const names = fieldsOf(rows);
  if (names.length < 2) return [];
  const [x, y] = defaultFields(names);
  const chart = paretoChart(rows, { x, y, size: null });
  if (chart.points.length === 0) return [];
  return [
    {
      id: "pareto",
      title: `${chart.yTitle} over ${chart.xTitle.toLowerCase()}`,
      draw: (width) => drawScatter(chart, width),
    },
  ];
}

function energyCharts(report: Report): Chart[] {
  const unit = unitOf(report);
  const { decode_tokens, batch } = report.options;
  const rows = report.breakdown.filter(({ phase }) => phase === "decode");
  if (rows.length === 0) return [];
  const perToken = (row: (typeof rows)[number]): number =>
    (row.energy_pJ ?? 0) / (decode_tokens * batch);
  const keys = largestKeys(
    rollup(
      rows,
      (some) => sum(some, perToken),
      (r) => r.component,
    ),
  );
  return [
    {
      id: "energy",
      title: `Energy per ${unit} by component, decode`,
      draw: (width) =>
        drawBars(
          {
            summary: `Stacked bars: energy per ${unit} of the decode phase, of each placement, by component`,
            bars: barsOf(report, rows, keys, (row) => row.component, perToken),
            keys,
            format: (value) => quantity(value * 1e-12, "J"),
            axis: `energy per ${unit}`,
          },
          width,
        ),
    },
  ];
}

/** The chip's area is that of all placements: one bar for the chip, one for what each occupies. */
function areaCharts(report: Report): Chart[] {
  const first = report.rows.find(({ feasible }) => feasible)?.placement;
  const rows = report.breakdown.filter((r) => r.phase === "chip" && r.placement === first);
  if (rows.length === 0) return [];
  const keys = largestKeys(new Map(rows.map((row) => [row.component, row.area_mm2 ?? 0])));
  const chip: Bar = {
    name: "whole chip",
    parts: partsOf(
      rows,
      keys,
      (row) => row.component,
      (row) => row.area_mm2 ?? 0,
    ),
  };
  const kinds = report.chip?.tile_kinds ?? [];
  const tiles = kinds.map(
    ({ name, parts }): Bar => ({
      name: `one ${name}`,
      parts: partsOf(
        parts,
        keys,
        (part) => part.component,
        (part) => part.area_mm2,
      ),
    }),
  );
  const format = (value: number): string => `${plain(value)} mm²`;
  const chart = (id: string, title: string, bars: readonly Bar[]): Chart => ({
    id,
    title,
    draw: (width) =>
      drawBars({ summary: `${title}, by component`, bars, keys, format, axis: "area" }, width),
  });
  return [
    chart("area", "Area of the chip by component", [chip]),
    ...(tiles.length > 0 ? [chart("area-tile", "Area of a tile by component", tiles)] : []),
  ];
}

function layerCharts(report: Report): Chart[] {
  const unit = unitOf(report);
  const layers = (report.layers ?? []).filter(({ phase }) => phase === "decode");
  return layers.map((own, i): Chart => {
    const sums = new Map(own.components.map((c) => [c.component, sum(c.energy_pJ)]));
    const keys = largestKeys(sums);
    const tokens = report.options.decode_tokens * report.options.batch;
    const bars = own.layers.map(
      (layer, l): Bar => ({
        name: layer < 0 ? "embedding and LM head" : `layer ${layer}`,
        parts: partsOf(
          own.components,
          keys,
          (c) => c.component,
          (c) => c.energy_pJ[l]! / tokens,
        ),
      }),
    );
    return {
      id: `layers-${i}`,
      title: `Dynamic energy per ${unit} by layer, decode: ${own.placement}`,
      draw: (width) =>
        drawBars(
          {
            summary: `Stacked bars: dynamic energy per ${unit} of each layer of ${own.placement}, by component`,
            bars,
            keys,
            format: (value) => quantity(value * 1e-12, "J"),
            axis: `dynamic energy per ${unit}`,
          },
          width,
        ),
    };
  });
}

function evidenceCharts(report: Report): Chart[] {
  if (report.evidence.length === 0) return [];
  const keys = EVIDENCE.filter((word) => report.evidence.some((e) => e.evidence === word));
  return [
    {
      id: "evidence",
      title: "Share of the energy by evidence of its constants",
      draw: (width) =>
        drawBars(
          {
            summary:
              "Stacked bars: share of each placement's energy that rests on published, measured, derived, peer, recalled and assumed constants",
            bars: barsOf(
              report,
              report.evidence,
              keys,
              (e) => e.evidence,
              (e) => e.energy_frac,
            ),
            keys,
            format: (value) => `${Math.round(value * 100)} %`,
            axis: "share of the energy of the run",
          },
          width,
        ),
    },
  ];
}
