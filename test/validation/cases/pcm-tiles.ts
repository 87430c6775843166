import { tileArea_mm2 } from "../../../src/cost/area.ts";
import { createPriceList } from "../../../src/cost/price.ts";
import type { Arch } from "../../../src/model/arch.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

interface Peak {
  readonly TOPS_per_W: number;
  readonly TOPS_per_mm2: number;
}

/** A full crossbar of the chip's tile, 2 ops per MAC; dynamic energy, area of one whole tile. */
function tilePeak(arch: Arch): Peak {
  const tile = arch.tiles[0]!;
  const { rows, cols } = tile.crossbar;
  const mvm = createPriceList(arch).price({ kind: "mvm", tileKind: 0, rows, cols });
  const mvm_pJ = mvm.charges.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);
  const ops = 2 * rows * cols;
  return { TOPS_per_W: ops / mvm_pJ, TOPS_per_mm2: ops / mvm.duration_ps / tileArea_mm2(tile) };
}

const hetero = tilePeak(loadArch("hetero-pcm"));
const hermes = tilePeak(loadArch("hermes-64core"));

const row = rowsOf("C2 PCM tiles: silicon and system studies beside ours", null);

export const pcmTileRows: readonly ValidationRow[] = [
  row("hetero-pcm beside HERMES, 64 cores, 1-phase", "TOPS/W", 9.76, hetero.TOPS_per_W, {
    remark:
      "a design beside a chip: hetero-pcm's cells, drivers and converters are priced part by part and idealised",
  }),
  row("hetero-pcm beside IBM's 34-tile chip", "TOPS/W", 12.4, hetero.TOPS_per_W, {
    remark: "sustained, best chip; as above",
  }),
  row("hetero-pcm beside IBM system studies", "TOPS/W", 100, hetero.TOPS_per_W, {
    remark: "an assumption of theirs, at 40 ns a read",
  }),
  row("hetero-pcm beside IBM system studies", "TOPS/mm2", 10.9, hetero.TOPS_per_mm2, {
    remark: "40 ns a read against our 130 ns is more than the gap",
  }),
  row("hermes-64core beside HERMES, 1-phase", "TOPS/mm2", 1.55, hermes.TOPS_per_mm2, {
    remark:
      "our tile's area is taken from this figure (recalled, of cores alone); the rest of the die of 144 mm2 is a fixed part",
  }),
  row("hermes-64core beside the single HERMES core", "TOPS/mm2", 1.59, hermes.TOPS_per_mm2, {
    remark: "the predecessor at 1 GHz, core only",
  }),
  row("hermes-64core beside the single HERMES core", "TOPS/W", 10.5, hermes.TOPS_per_W, {
    remark: "the predecessor at 1 GHz",
  }),
];

const serving = rowsOf("A13 LLM serving (LLMServingSim 2.0 against vLLM 0.19)", null);

export const servingRows: readonly ValidationRow[] = [
  serving("Qwen3-30B-A3B: error of time per output token", "frac", -0.017, null, {
    remark: "no continuous batching, no cluster of GPUs: batches march in step on one chip",
  }),
  serving("Qwen3-30B-A3B: error of time to first token", "frac", -0.136, null, {
    remark: "as above",
  }),
];
