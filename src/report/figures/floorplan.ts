/** The chip from above, to scale: tiles on their nodes, traffic between them, digital parts below. */
import type { Chip, Floorplan, MappedMatrix } from "../../model/chip-use.ts";
import { drawLegend } from "./bars.ts";
import { tilePlaces } from "./floorplan-places.ts";
import { categoryColor, stepColor } from "./palette.ts";
import { ticksBetween } from "./scale.ts";
import { box, drawing, fitted, label, line, px, textWidth } from "./svg.ts";

/** What tiles are coloured by. */
export const FLOORPLAN_MODES = {
  content: "what they hold",
  layer: "layer",
  use: "cells in use",
  busy: "busy share",
  energy: "energy",
  density: "power density",
} as const;
export type FloorplanMode = keyof typeof FLOORPLAN_MODES;

/** Kinds of matrices, in the order of their colours. */
export const CONTENTS = ["expert", "attention", "shared", "dense", "lm-head", "several"] as const;

export interface FloorplanDrawing {
  readonly chip: Chip;
  readonly plan: Floorplan;
  readonly matrices: readonly MappedMatrix[];
  readonly mode: FloorplanMode;
  readonly summary: string;
  readonly format: (mode: FloorplanMode, value: number) => string;
}

export function drawFloorplan(
  input: FloorplanDrawing,
  width: number,
  selected: number | null = null,
): string {
  const { chip, plan, summary } = input;
  const legend = drawMode(input, width);
  const places = tilePlaces(chip, width);
  const top = legend.height + 6;
  const colors = tileColors(input);
  const used = new Map(plan.tiles.map((tile, i) => [tile, i]));
  const squares = new Map<string, string>();
  places.tiles.forEach(({ x, y, side }, tile) => {
    const i = used.get(tile);
    const color = i === undefined ? "none" : colors[i]!;
    const square = `M${px(x)} ${px(y + top)}h${px(side)}v${px(side)}h${px(-side)}z`;
    squares.set(color, (squares.get(color) ?? "") + square);
  });
  const tiles = [...squares].map(
    ([color, d]) =>
      `<path d="${d}" fill="${color}" stroke="var(--rule)" stroke-width="${color === "none" ? 0.6 : 0.3}"/>`,
  );
  const hubs = chip.hub_nodes.map((node) => {
    const at = places.nodeCenter(node);
    const r = places.pitch * 0.3;
    return `<path d="M${px(at.x)} ${px(at.y + top - r)}l${px(r)} ${px(r)}l${px(-r)} ${px(r)}l${px(-r)} ${px(-r)}z" fill="var(--ink)"/>`;
  });
  const marked = selected === null ? undefined : places.tiles[selected];
  const mark =
    marked === undefined
      ? ""
      : `<rect x="${px(marked.x - 1.5)}" y="${px(marked.y + top - 1.5)}" width="${px(marked.side + 3)}" height="${px(marked.side + 3)}" fill="none" stroke="var(--ink)" stroke-width="3"/>`;
  const below = drawDigital(chip, places.pxPerMm, top + places.height + 10, width);
  const content =
    legend.content +
    tiles.join("") +
    traffic(plan, places.nodeCenter, top) +
    hubs.join("") +
    mark +
    below.content;
  return drawing(width, top + places.height + 10 + below.height, summary, content);
}

/** Where the drawing's legend ends: what a pointer's place is counted from. */
export const floorplanTop = (input: FloorplanDrawing, width: number): number =>
  drawMode(input, width).height + 6;

/** Figure that a mode shows of each tile. */
export function tileValues(plan: Floorplan, mode: FloorplanMode): readonly number[] {
  switch (mode) {
    case "use":
      return plan.cells_frac;
    case "busy":
      return plan.busy_frac;
    case "energy":
      return plan.energy_pJ;
    case "density":
      return plan.density_mW_per_mm2;
    default:
      return plan.layers.map((layers) => layers[0] ?? -1);
  }
}

function tileColors(input: FloorplanDrawing): string[] {
  const { plan, mode } = input;
  if (mode === "content") return contents(input).map((kind) => contentColor(kind));
  const values = tileValues(plan, mode);
  const [least, most] = rangeOf(values);
  return values.map((value) =>
    mode === "layer" && value < 0 ? categoryColor(1) : stepColor(value, least, most),
  );
}

const rangeOf = (values: readonly number[]): readonly [number, number] => {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return values.length === 0 ? [0, 0] : [least, most];
};

const contentColor = (kind: string): string => {
  const place = CONTENTS.indexOf(kind as (typeof CONTENTS)[number]);
  return categoryColor(kind === "several" || place < 0 ? 7 : place);
};

/** Kind of matrix of each tile. */
function contents({ plan, matrices }: FloorplanDrawing): string[] {
  const moduleOf = new Map(matrices.map(({ matrix, module }) => [matrix, module]));
  if (plan.blocks === null)
    return plan.layers.map((layers) =>
      layers.length === 1 && layers[0]! < 0 ? "lm-head" : "several",
    );
  return plan.blocks.map((blocks) => {
    const kinds = new Set<string>();
    for (let i = 0; i < blocks.length; i += 3) kinds.add(moduleOf.get(blocks[i]!) ?? "several");
    return kinds.size === 1 ? [...kinds][0]! : "several";
  });
}

/** What the colours mean. */
function drawMode(input: FloorplanDrawing, width: number): { content: string; height: number } {
  const { plan, mode, format } = input;
  if (mode === "content") {
    const there = new Set(contents(input));
    const kinds = CONTENTS.filter((kind) => there.has(kind));
    return drawLegend(kinds, width, (k) => contentColor(kinds[k]!));
  }
  const [least, most] = rangeOf(tileValues(plan, mode));
  const steps = Array.from({ length: 9 }, (_, s) => box(70 + s * 16, 2, 16, 12, `var(--s${s})`));
  return {
    content:
      label(64, 12, format(mode, least), { size: 11, anchor: "end" }) +
      steps.join("") +
      label(70 + 9 * 16 + 6, 12, format(mode, most), { size: 11 }),
    height: 22,
  };
}

/** Bytes between neighbours: the more, the wider. Both directions are one line. */
function traffic(
  { links }: Floorplan,
  nodeCenter: (node: number) => { readonly x: number; readonly y: number },
  top: number,
): string {
  const sums = new Map<string, { a: number; b: number; bytes: number }>();
  links.from_nodes.forEach((from, i) => {
    const [a, b] = [Math.min(from, links.to_nodes[i]!), Math.max(from, links.to_nodes[i]!)];
    const sum = sums.get(`${a} ${b}`) ?? { a, b, bytes: 0 };
    sum.bytes += links.traffic_B[i]!;
    sums.set(`${a} ${b}`, sum);
  });
  const [, most] = rangeOf([...sums.values()].map(({ bytes }) => bytes));
  const byWidth = new Map<number, string>();
  for (const { a, b, bytes } of sums.values()) {
    const step = Math.ceil((6 * bytes) / most);
    const [from, to] = [nodeCenter(a), nodeCenter(b)];
    const d = `M${px(from.x)} ${px(from.y + top)}L${px(to.x)} ${px(to.y + top)}`;
    byWidth.set(step, (byWidth.get(step) ?? "") + d);
  }
  return [...byWidth]
    .map(
      ([step, d]) =>
        `<path d="${d}" fill="none" stroke="var(--c1)" stroke-opacity="0.75" stroke-width="${px(0.4 + step * 0.55)}"/>`,
    )
    .join("");
}

/** Cores and memories as squares of their area, and a bar of millimetres. */
function drawDigital(
  { blocks }: Chip,
  pxPerMm: number,
  top: number,
  width: number,
): { readonly content: string; readonly height: number } {
  const shown = blocks.filter(({ area_mm2 }) => area_mm2 > 0);
  const tick = ticksBetween(0, (width * 0.3) / pxPerMm, 2).at(-1)!;
  const bar =
    line(0, top + 6, tick * pxPerMm, top + 6, "var(--ink)") +
    label(tick * pxPerMm + 6, top + 10, `${tick} mm`, { size: 11 });
  let [x, y, tallest] = [0, top + 22, 0];
  const squares = shown.map(({ component, instances, area_mm2 }) => {
    const side = Math.min(width * 0.6, Math.sqrt(area_mm2) * pxPerMm);
    const name = instances > 1 ? `${instances} x ${component}` : component;
    const wide = Math.max(side, Math.min(textWidth(name, 11) + 4, width * 0.4)) + 14;
    if (x > 0 && x + wide > width) [x, y, tallest] = [0, y + tallest + 44, 0];
    const square =
      box(x, y, side, side, "var(--panel)", `${name}: ${area_mm2.toFixed(2)} mm2`) +
      `<rect x="${px(x)}" y="${px(y)}" width="${px(side)}" height="${px(side)}" fill="none" stroke="var(--muted)"/>` +
      label(x, y + side + 14, fitted(name, 11, wide - 8), { size: 11 }) +
      label(x, y + side + 28, `${area_mm2.toPrecision(3)} mm²`, {
        size: 11,
        color: "var(--muted)",
      });
    x += wide;
    tallest = Math.max(tallest, side);
    return square;
  });
  const height = shown.length === 0 ? 20 : y + tallest + 36 - top;
  return { content: bar + squares.join(""), height };
}
