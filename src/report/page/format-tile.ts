import { plain, quantity } from "../figures/fields.ts";
import type { FloorplanMode } from "../figures/floorplan.ts";

/** How a figure of a tile is written. */
export function formatTile(mode: FloorplanMode, value: number): string {
  switch (mode) {
    case "energy":
      return quantity(value * 1e-12, "J");
    case "density":
      return `${plain(value)} mW/mm²`;
    case "use":
    case "busy":
      return `${plain(value * 100)} %`;
    default:
      return value < 0 ? "LM head" : `${value}`;
  }
}
