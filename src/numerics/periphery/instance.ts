/** What differs from crossbar to crossbar, drawn once when it is made. */
import { fillNormals, type NoiseAddress } from "../../random/philox.ts";
import type { ReadAddress } from "./draws.ts";
import type { IoParameters } from "./io-parameters.ts";

export interface Instance {
  /** Standard deviation of the output noise. [outputs] */
  readonly out_noise: Float32Array;
  /** Voltage offsets. [outputs] */
  readonly v_offset: Float32Array;
  /** Strength of the output nonlinearity, over the bound. [outputs] */
  readonly nonlinearity: Float32Array;
  /** Factor on each weight in the negative pass, [outputs][inputs]; null: 1. */
  readonly w_asymmetry: Float32Array | null;
}

/** Rows of the address: which quantity is drawn. */
const ROW = { out_noise: 0, v_offset: 1, nonlinearity: 2, w_asymmetry: 3 } as const;

/** @source AIHWKIT: each is drawn as stated here when the tile is made. */
export function drawInstance(
  io: IoParameters,
  outputs: number,
  inputs: number,
  address: ReadAddress,
): Instance {
  const draw = (count: number, row: number): Float32Array => {
    const out = new Float32Array(count);
    const at: NoiseAddress = { ...address, purpose: "mismatch", row };
    fillNormals(out, at);
    return out;
  };
  const spread = (count: number, row: number, std: number): Float32Array =>
    std > 0 ? draw(count, row) : new Float32Array(count);
  const bound = io.out_bound > 0 ? io.out_bound : 1;
  const nonlinearity_std = Math.max(0, io.out_nonlinearity_std);
  return {
    out_noise: spread(outputs, ROW.out_noise, io.out_noise_std).map((z) =>
      Math.abs(io.out_noise * (1 + io.out_noise_std * z)),
    ),
    v_offset: spread(outputs, ROW.v_offset, io.v_offset_std).map((z) =>
      Math.max(0, io.v_offset_std * z),
    ),
    nonlinearity: spread(outputs, ROW.nonlinearity, nonlinearity_std).map((z) =>
      Math.abs((io.out_nonlinearity / bound) * (1 + nonlinearity_std * z)),
    ),
    w_asymmetry:
      io.w_read_asymmetry_dtod > 0
        ? draw(outputs * inputs, ROW.w_asymmetry).map((z) => 1 + io.w_read_asymmetry_dtod * z)
        : null,
  };
}
