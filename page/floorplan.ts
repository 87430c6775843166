/** The floorplan that answers: placement and colour to pick, tiles to open. */
import type { Floorplan, MappedMatrix } from "../src/model/chip-use.ts";
import type { Report } from "../src/model/report.ts";
import {
  drawFloorplan,
  FLOORPLAN_MODES,
  type FloorplanDrawing,
  type FloorplanMode,
  floorplanTop,
} from "../src/report/figures/floorplan.ts";
import { tilePlaces } from "../src/report/figures/floorplan-places.ts";
import { formatTile } from "../src/report/page/format-tile.ts";
import { element, hideTip, menu, onWidth, showTip, tableOf } from "./dom.ts";

/** Blocks of a tile that are listed. */
const MOST_LISTED = 200;

export function addFloorplan(place: HTMLElement, report: Report): void {
  const { chip, matrices = [] } = report;
  const plans = (report.floorplans ?? []).filter(({ tiles }) => tiles.length > 0);
  if (chip === undefined || plans.length === 0) return;
  const matrixOf = new Map(matrices.map((matrix) => [matrix.matrix, matrix]));
  let plan = plans[0]!;
  let mode: FloorplanMode = "content";
  let selected: number | null = null;
  const plot = element("div", {
    tabindex: "0",
    role: "application",
    "aria-label": "Floorplan: arrow keys move from tile to tile, the tile is described beside",
  });
  const aside = element("div", { class: "aside", "aria-live": "polite" });

  const input = (): FloorplanDrawing => ({
    chip,
    plan,
    matrices,
    mode,
    summary: `Floorplan of ${plan.placement}, tiles coloured by ${FLOORPLAN_MODES[mode]}`,
    format: formatTile,
  });
  const draw = (width = plot.clientWidth): void => {
    plot.innerHTML = drawFloorplan(input(), Math.max(260, width), selected);
  };
  const open = (tile: number | null): void => {
    selected = tile;
    draw();
    aside.replaceChildren(...describeTile(report, plan, matrixOf, tile));
  };
  const tileAt = (event: MouseEvent): number | null => {
    const svg = plot.querySelector("svg");
    if (svg === null) return null;
    const width = Math.max(260, plot.clientWidth);
    const area = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / area.width;
    const x = (event.clientX - area.left) * scale;
    const y = (event.clientY - area.top) * scale - floorplanTop(input(), width);
    const found = tilePlaces(chip, width).tiles.findIndex(
      (own) => x >= own.x && x <= own.x + own.side && y >= own.y && y <= own.y + own.side,
    );
    return found < 0 ? null : found;
  };
  plot.addEventListener("click", (event) => open(tileAt(event)));
  plot.addEventListener("pointermove", (event) => {
    const tile = tileAt(event);
    if (tile === null) hideTip();
    else showTip(tileSummary(plan, matrixOf, tile), event.clientX, event.clientY);
  });
  plot.addEventListener("pointerleave", hideTip);
  plot.addEventListener("keydown", (event) => {
    const next = neighbour(chip.tile_nodes, chip.grid_cols, selected, event.key);
    if (next === undefined) return;
    event.preventDefault();
    open(next);
  });
  place.append(
    element(
      "div",
      { class: "bar" },
      menu(
        "Placement",
        plans.map(({ placement }, i) => [`${i}`, placement] as const),
        "0",
        (value) => {
          plan = plans[Number(value)]!;
          open(selected);
        },
      ),
      menu("Colour", Object.entries(FLOORPLAN_MODES), mode, (value) => {
        mode = value as FloorplanMode;
        draw();
      }),
    ),
    element("div", { class: "split" }, plot, aside),
  );
  onWidth(plot, draw);
  open(null);
}

/** The tile that an arrow key leads to. */
function neighbour(
  nodes: readonly number[],
  cols: number,
  from: number | null,
  key: string,
): number | null | undefined {
  if (key === "Escape") return null;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cols, ArrowUp: -cols }[key];
  if (step === undefined) return undefined;
  if (from === null) return 0;
  if (Math.abs(step) === 1) return Math.min(nodes.length - 1, Math.max(0, from + step));
  const wanted = nodes[from]! + step;
  const found = nodes.indexOf(wanted);
  return found < 0 ? from : found;
}

function tileSummary(
  plan: Floorplan,
  matrixOf: ReadonlyMap<number, MappedMatrix>,
  tile: number,
): string {
  const i = plan.tiles.indexOf(tile);
  if (i < 0) return `Tile ${tile}: empty`;
  const blocks = plan.blocks?.[i] ?? [];
  const first = matrixOf.get(blocks[0] ?? -1)?.name ?? `layers ${plan.layers[i]!.join(", ")}`;
  const more = blocks.length > 3 ? ` and ${blocks.length / 3 - 1} more` : "";
  return `Tile ${tile}: ${first}${more}; busy ${formatTile("busy", plan.busy_frac[i]!)}`;
}

function describeTile(
  { chip }: Report,
  plan: Floorplan,
  matrixOf: ReadonlyMap<number, MappedMatrix>,
  tile: number | null,
): HTMLElement[] {
  if (tile === null)
    return [element("p", {}, "Click a tile, or move with the arrow keys, to see what it holds.")];
  const title = element("h3", {}, `Tile ${tile}, node ${chip!.tile_nodes[tile]}`);
  const i = plan.tiles.indexOf(tile);
  if (i < 0) return [title, element("p", {}, `Empty in ${plan.placement}.`)];
  const figures = (["use", "busy", "energy", "density"] as const).map((mode) => {
    const values = {
      use: plan.cells_frac,
      busy: plan.busy_frac,
      energy: plan.energy_pJ,
      density: plan.density_mW_per_mm2,
    };
    return [FLOORPLAN_MODES[mode], formatTile(mode, values[mode][i]!)];
  });
  const blocks = plan.blocks?.[i];
  if (blocks === undefined)
    return [
      title,
      tableOf(["Figure", "Value"], figures),
      element(
        "p",
        {},
        `Holds parts of layers ${plan.layers[i]!.join(", ")}; blocks are left out of this report for size.`,
      ),
    ];
  const rows: string[][] = [];
  for (let b = 0; b < blocks.length && rows.length < MOST_LISTED; b += 3) {
    const matrix = matrixOf.get(blocks[b]!);
    rows.push([
      matrix?.name ?? `${blocks[b]}`,
      `${blocks[b + 1]}`,
      `${blocks[b + 2]}`,
      matrix ? `${matrix.rows} x ${matrix.cols}` : "",
    ]);
  }
  return [
    title,
    tableOf(["Figure", "Value"], figures),
    tableOf(["Matrix", "Block", "Tier", "Shape of the matrix"], rows),
  ];
}
