/** Top-k choice and the sorting of choices by expert, without a word to the host. */
import { LINE } from "./rows.ts";

const PARAMETERS = /* wgsl */ `
struct Parameters {
  rows: u32, experts: u32, k: u32, groups: u32,
  tileRows: u32, tilesAt: u32, rowsAt: u32, rowIdsAt: u32,
  groupsAt: u32, sourceIdsAt: u32, sourceGroupsAt: u32, spare: u32,
}
@group(0) @binding(0) var<uniform> p: Parameters;
`;

const PER_ITEM = (size: number): string => `@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let item = (group.x + group.y * ${LINE}u) * ${size}u + local.x;`;

/** The most experts that a token may be sent to. */
export const MOST_CHOSEN = 32;

/** Softmax over all experts, the k largest, ties to the lower expert; counts rows per group. */
export const CHOOSE = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> chosen: array<u32>;
@group(0) @binding(4) var<storage, read_write> gateWeights: array<f32>;
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>;
${PER_ITEM(64)}
  if (item >= p.rows) { return; }
  let base = item * p.experts;
  var best: array<u32, ${MOST_CHOSEN}>;
  var held = 0u;
  for (var e = 0u; e < p.experts; e++) {
    let value = logits[base + e];
    var slot = held;
    if (held == p.k) {
      if (!(value > logits[base + best[p.k - 1u]])) { continue; }
      slot = p.k - 1u;
    } else { held++; }
    while (slot > 0u && value > logits[base + best[slot - 1u]]) {
      best[slot] = best[slot - 1u];
      slot--;
    }
    best[slot] = e;
  }
  let largest = logits[base + best[0]];
  var sum = 0.0;
  for (var e = 0u; e < p.experts; e++) { sum += exp(logits[base + e] - largest); }
  let variant = source[p.sourceGroupsAt + item];
  for (var i = 0u; i < p.k; i++) {
    chosen[item * p.k + i] = best[i];
    gateWeights[item * p.k + i] = exp(logits[base + best[i]] - largest) / sum;
    atomicAdd(&counts[variant * p.experts + best[i]], 1u);
  }
}`;

/** From counts to the first slot of every group and to tiles; one workgroup. */
export const SCAN = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> cursors: array<u32>;
@group(0) @binding(3) var<storage, read_write> plan: array<u32>;
var<workgroup> slots: array<u32, 256>;
var<workgroup> tiles: array<u32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
  let id = local.x;
  let each = (p.groups + 255u) / 256u;
  let begin = min(id * each, p.groups);
  let end = min(begin + each, p.groups);
  var slotCount = 0u;
  var tileCount = 0u;
  for (var g = begin; g < end; g++) {
    slotCount += counts[g];
    tileCount += (counts[g] + p.tileRows - 1u) / p.tileRows;
  }
  slots[id] = slotCount;
  tiles[id] = tileCount;
  workgroupBarrier();
  if (id == 0u) {
    var s = 0u;
    var t = 0u;
    for (var i = 0u; i < 256u; i++) {
      let ownSlots = slots[i];
      let ownTiles = tiles[i];
      slots[i] = s;
      tiles[i] = t;
      s += ownSlots;
      t += ownTiles;
    }
    plan[0] = t;
  }
  workgroupBarrier();
  var slot = slots[id];
  var tile = tiles[id];
  for (var g = begin; g < end; g++) {
    cursors[g] = slot;
    let last = slot + counts[g];
    for (; slot < last; slot += p.tileRows) {
      let at = p.tilesAt + 4u * tile;
      plan[at] = g;
      plan[at + 1u] = slot;
      plan[at + 2u] = last;
      tile++;
    }
    slot = last;
  }
}`;

/**
 * Every choice to a slot of its expert. The order within an expert is left to chance: results do not
 * depend on it, since noise is addressed by the token.
 */
export const PLACE = `${PARAMETERS}
@group(0) @binding(1) var<storage, read> chosen: array<u32>;
@group(0) @binding(2) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> cursors: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> plan: array<u32>;
@group(0) @binding(5) var<storage, read_write> places: array<u32>;
${PER_ITEM(64)}
  if (item >= p.rows * p.k) { return; }
  let row = item / p.k;
  let owner = source[p.sourceGroupsAt + row] * p.experts + chosen[item];
  let slot = atomicAdd(&cursors[owner], 1u);
  plan[p.rowsAt + slot] = row;
  plan[p.rowIdsAt + slot] = source[p.sourceIdsAt + row];
  plan[p.groupsAt + slot] = owner;
  places[item] = slot;
}`;
