/** How the crossbars of a tile compute, as arch files describe it. Read by `numerics`. */
import { type Static, Type } from "typebox";
import { DeviceNoiseSchema } from "./device-noise.ts";
import { PeripherySchema } from "./periphery.ts";
import { count, fraction, nonNegative, oneOfKinds, positive, record, sourced } from "./schema.ts";

const decay = fraction(
  "Share of a new calibration batch in the running range; left out: every batch counts the same",
);

/** How the analog part computes: devices, ranges, noises. Read by `numerics`. */
export const AnalogNumericsSchema = record({
  devices: DeviceNoiseSchema,
  weight_scaling: Type.Enum(["column", "tile"], {
    description:
      "Which weights share one scale: those of a column of a crossbar, or the whole crossbar",
  }),
  weight_omega: positive("Where the largest weight of a scaling group is put; 1 is full scale", 10),
  input_range: oneOfKinds(
    record({
      kind: Type.Literal("std"),
      kappa: positive("Range = kappa x standard deviation of the calibration inputs", 1e3),
      decay_frac: Type.Optional(decay),
    }),
    record({
      kind: Type.Literal("quantile"),
      quantile_frac: fraction("Quantile of |x| of the calibration inputs"),
      decay_frac: Type.Optional(decay),
    }),
    record({ kind: Type.Literal("max") }),
    record({ kind: Type.Literal("dynamic") }),
    record({
      kind: Type.Literal("fixed"),
      range_value: positive("One range for all inputs of the model, in their own unit", 1e30),
    }),
  ),
  output_bound: positive(
    "ADC full scale, lambda: in units of (largest weight) x (input range). AIHWKIT's out_bound",
    1e6,
  ),
  output_noise: sourced({
    std: nonNegative("Gaussian noise before the ADC, same units as output_bound", 1e3),
  }),
  read_noise: Type.Optional(
    sourced({
      std: nonNegative("PCM-type short-term read noise per MVM, AIHWKIT's w_noise (PCMRead)", 1e3),
    }),
  ),
  ir_drop: Type.Optional(
    sourced({
      scale: nonNegative("Multiplies the IR drop; 0 is none", 100),
      conductance_ratio: positive("Wire to device conductance, AIHWKIT's ir_drop_g_ratio", 1e12),
    }),
  ),
  drift_compensation: Type.Enum(["none", "global", "column"], {
    description: "Rescaling of outputs that undoes the mean drift",
  }),
  lossless_conversions: Type.Optional(
    Type.Boolean({
      description:
        "Bit-sliced or bit-serial tiles: the ADC tells every two sums of digits apart, whatever output.bits and output_bound say; default false",
    }),
  ),
  pairs: Type.Optional(
    sourced({
      significance_ratio: Type.Array(positive("What one unit of conductance counts", 1e6), {
        minItems: 1,
        maxItems: 8,
        description:
          "Significance of each differential pair of a weight, lowest first; the lowest is filled first. Left out: one pair",
      }),
    }),
  ),
  faults: Type.Optional(
    sourced({
      stuck_frac: fraction("Share of devices that cannot be programmed"),
      stuck_at_max_frac: fraction(
        "Share of those that are stuck at the highest conductance; the others are at the lowest",
      ),
      cluster_cells: count("Faults come in squares of so many cells a side; 1: each for itself"),
    }),
  ),
  periphery: Type.Optional(PeripherySchema),
});
export type AnalogNumerics = Static<typeof AnalogNumericsSchema>;
