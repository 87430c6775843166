/** Devices that cannot be programmed: stuck at the lowest or the highest conductance. */
import { fillUniforms, type NoiseAddress } from "../random/philox.ts";

export interface StuckFaults {
  /** Share of devices that are stuck. */
  readonly stuck_frac: number;
  /** Share of those that are stuck at the highest conductance; the others are at the lowest. */
  readonly stuck_at_max_frac: number;
  /**
   * Faults come in squares of so many cells along rows and columns of the matrix, as from a broken
   * line or a particle; 1: each device for itself. The share of stuck devices is the same.
   */
  readonly cluster_cells: number;
}

/** What became of a device: 0 works, -1 stuck at the lowest, 1 at the highest conductance. */
export type FaultState = Int8Array;

/**
 * States of the devices of one output column.
 *
 * @param device which of a weight's devices: that of positive, that of negative weights, those of
 *   the next pair
 * @returns [inputs]
 */
export function drawFaults(
  faults: StuckFaults,
  inputs: number,
  output: number,
  device: number,
  address: Pick<NoiseAddress, "seed" | "matrix">,
): FaultState {
  const size = Math.max(1, Math.floor(faults.cluster_cells));
  const clusters = Math.ceil(inputs / size);
  const row = Math.floor(output / size);
  const stuck = new Float32Array(clusters);
  const kind = new Float32Array(clusters);
  fillUniforms(stuck, { ...address, block: device, purpose: "fault", row });
  fillUniforms(kind, { ...address, block: device, purpose: "fault-kind", row });
  return Int8Array.from({ length: inputs }, (_, k) => {
    const cluster = Math.floor(k / size);
    if (stuck[cluster]! >= faults.stuck_frac) return 0;
    return kind[cluster]! < faults.stuck_at_max_frac ? 1 : -1;
  });
}
