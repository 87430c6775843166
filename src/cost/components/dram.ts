import type { Evidence } from "../../model/schema.ts";

/** A published figure. */
interface Figure {
  readonly value: number;
  readonly source: string;
  readonly evidence: Evidence;
}

/** Sources of one kind of memory disagree by up to two, so there are three figures of it. */
export const DRAM_LEVELS = ["low", "mid", "high"] as const;
export type DramLevel = (typeof DRAM_LEVELS)[number];

export interface DramKind {
  /** What `channels` counts. */
  readonly channel: string;
  readonly channel_GBps: Figure;
  readonly bit_pJ: Readonly<Record<DramLevel, Figure>>;
}

/** Bandwidth and energy of memories off the chip, as far as sources give a range. */
export const DRAM = {
  hbm2e: {
    channel: "stack",
    channel_GBps: { value: 410, source: "JEDEC, 3.2 Gb/s x 1024 pins", evidence: "published" },
    bit_pJ: {
      low: {
        value: 3.92,
        source: "O'Connor et al., Fine-Grained DRAM, MICRO 2017: HBM2, device level, streaming",
        evidence: "recalled",
      },
      mid: { value: 6.25, source: "hwcomponents-cacti: HBM2, system level", evidence: "peer" },
      high: {
        value: 7.03,
        source: "Jouppi et al., TPUv4i, ISCA 2021, table 2: HBM2, 450 pJ per 64 bits",
        evidence: "recalled",
      },
    },
  },
  lpddr5: {
    channel: "x16 channel",
    channel_GBps: { value: 12.8, source: "JEDEC, 6.4 Gb/s x 16 pins", evidence: "published" },
    bit_pJ: {
      low: { value: 4, source: "commonly quoted 4 to 6, no primary source", evidence: "recalled" },
      mid: { value: 5, source: "mean of low and high", evidence: "derived" },
      high: { value: 6, source: "commonly quoted 4 to 6, no primary source", evidence: "recalled" },
    },
  },
} as const satisfies Record<string, DramKind>;

/** What a memory of an arch file needs to know about its interface. */
export interface DramInterface {
  readonly bandwidth_GBps: number;
  readonly read_pJ_per_B: number;
  readonly write_pJ_per_B: number;
  readonly static_mW: number;
}

/**
 * Bandwidth, energy per byte, and idle power as a share of the power at full rate.
 *
 * @param reached_frac share of the peak bandwidth that is reached in practice
 * @param idle_frac refresh and standby over power at full rate
 */
export function dramInterface(
  kind: keyof typeof DRAM,
  level: DramLevel,
  use: { readonly channels: number; readonly reached_frac: number; readonly idle_frac: number },
): DramInterface {
  const { channel_GBps, bit_pJ } = DRAM[kind];
  const byte_pJ = 8 * bit_pJ[level].value;
  const bandwidth_GBps = use.channels * channel_GBps.value * use.reached_frac;
  return {
    bandwidth_GBps,
    read_pJ_per_B: byte_pJ,
    write_pJ_per_B: byte_pJ,
    static_mW: use.idle_frac * bandwidth_GBps * byte_pJ,
  };
}
