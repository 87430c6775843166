/** Where every tile is drawn. */
import type { Chip } from "../../model/chip-use.ts";

export interface TilePlaces {
  /** [tiles] */
  readonly tiles: readonly { readonly x: number; readonly y: number; readonly side: number }[];
  readonly nodeCenter: (node: number) => { readonly x: number; readonly y: number };
  /** Distance of neighbouring nodes. */
  readonly pitch: number;
  readonly pxPerMm: number;
  readonly height: number;
}

/** Drawings of long meshes end here. */
const TALLEST = 720;
/** Nodes are that much wider than their tiles, so that links can be seen. */
const GAP = 1.18;

export function tilePlaces(chip: Chip, width: number): TilePlaces {
  const { grid_cols, grid_rows, tile_kinds, tile_nodes } = chip;
  const perNode = mostPerNode(tile_nodes);
  const across = Math.max(1, Math.ceil(Math.sqrt(perNode)));
  const areas_mm2 = tile_kinds.map(({ area_mm2 }) => area_mm2);
  const side_mm = Math.sqrt(Math.max(1e-3, ...areas_mm2));
  const pitch_mm = side_mm * across * GAP;
  const pitch = Math.min(width / grid_cols, TALLEST / grid_rows);
  const pxPerMm = pitch / pitch_mm;
  const nodeCenter = (node: number): { x: number; y: number } => ({
    x: ((node % grid_cols) + 0.5) * pitch,
    y: (Math.floor(node / grid_cols) + 0.5) * pitch,
  });
  const slot = pitch / GAP / across;
  const kinds = tile_kinds.flatMap(({ count }, kind) => new Array<number>(count).fill(kind));
  const seen = new Map<number, number>();
  const tiles = tile_nodes.map((node, tile) => {
    const i = seen.get(node) ?? 0;
    seen.set(node, i + 1);
    const at = nodeCenter(node);
    const side = Math.max(1, Math.sqrt(Math.max(1e-3, areas_mm2[kinds[tile]!]!)) * pxPerMm * 0.96);
    const corner = (slot * across) / 2;
    return {
      x: at.x - corner + (i % across) * slot + (slot - side) / 2,
      y: at.y - corner + Math.floor(i / across) * slot + (slot - side) / 2,
      side,
    };
  });
  const cornerOf = switchCenter(nodeCenter, grid_cols * grid_rows, grid_cols, grid_rows, pitch);
  return { tiles, nodeCenter: cornerOf, pitch, pxPerMm, height: grid_rows * pitch };
}

/** Switches that hold no node are drawn in the middle of the chip. */
function switchCenter(
  nodeCenter: TilePlaces["nodeCenter"],
  nodes: number,
  cols: number,
  rows: number,
  pitch: number,
): TilePlaces["nodeCenter"] {
  return (node) =>
    node < nodes ? nodeCenter(node) : { x: (cols * pitch) / 2, y: (rows * pitch) / 2 };
}

function mostPerNode(nodes: readonly number[]): number {
  const counts = new Map<number, number>();
  let most = 1;
  for (const node of nodes) {
    const count = (counts.get(node) ?? 0) + 1;
    counts.set(node, count);
    most = Math.max(most, count);
  }
  return most;
}
