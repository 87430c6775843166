import type { Report } from "../../model/report.ts";
import { drawFloorplan } from "../figures/floorplan.ts";
import type { Chart } from "./chart.ts";
import { formatTile } from "./format-tile.ts";

/** One drawing per placement that has tiles in use. */
export function floorplanCharts({ chip, floorplans = [], matrices = [] }: Report): Chart[] {
  if (chip === undefined) return [];
  return floorplans
    .filter(({ tiles }) => tiles.length > 0)
    .map((plan, i) => ({
      id: `floorplan-${i}`,
      title: `Floorplan: ${plan.placement}`,
      scales: true,
      draw: (width) =>
        drawFloorplan(
          {
            chip,
            plan,
            matrices,
            mode: "content",
            summary: `Chip from above with ${plan.tiles.length} of ${chip.tile_nodes.length} tiles in use by ${plan.placement}, lines for link traffic, diamonds for hubs`,
            format: formatTile,
          },
          Math.min(width, 640),
        ),
    }));
}
