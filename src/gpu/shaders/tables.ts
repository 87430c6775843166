/**
 * A plan says which rows a group of rows works on.
 *
 * [0] number of tiles; from `tilesAt` four words a tile: group, first slot, end of the group's slots,
 * 0; then per slot: the row it reads, that row's address of noise, its group.
 */
export const PLAN = /* wgsl */ `
const NONE = 0xffffffffu;
fn tileAt(tilesAt: u32, tile: u32) -> vec4<u32> {
  let at = tilesAt + 4u * tile;
  return vec4<u32>(plan[at], plan[at + 1u], plan[at + 2u], plan[at + 3u]);
}
`;
