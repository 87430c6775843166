/** Non-idealities of converters and wires beyond rounding, clipping and Gaussian noise. */
import { type Static, Type } from "typebox";
import { fraction, nonNegative, positive, sourced } from "./schema.ts";

const std = (description: string) => Type.Optional(nonNegative(description, 1e3));
const share = (description: string) => Type.Optional(fraction(description));
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

/**
 * Every field may be left out: then that effect is not there.
 *
 * @source AIHWKIT 1.1.0, IOParameters; each description ends with its name there.
 */
export const PeripherySchema = sourced({
  reads: Type.Optional(
    Type.Enum(["one-pass", "two-pass-analog", "two-pass-digital"], {
      description:
        "Positive and negative inputs in one read, or in two reads that are added before or after the ADC; default one-pass. mv_type",
    }),
  ),
  noise_management: Type.Optional(
    Type.Enum(["none", "abs-max", "max", "constant", "average-abs-max", "abs-max-np-sum"], {
      description:
        "What each vector is divided by before the DAC, after the input range; default: abs-max where the input range is dynamic, else none. average-abs-max has a memory, so results depend on the order of tokens. noise_management",
    }),
  ),
  noise_management_bound: std("Cap of that scale, or the scale itself (constant). nm_thres"),
  noise_management_decay_frac: share("Decay of the running mean of average-abs-max. nm_decay"),
  assumed_weight_mean: Type.Optional(
    positive("Mean weight that abs-max-np-sum expects. nm_assumed_wmax", 1e3),
  ),
  bound_management: Type.Optional(
    Type.Enum(["none", "iterative", "iterative-worst-case"], {
      description:
        "Reads again at half the inputs until no output clips; default none. bound_management",
    }),
  ),
  bound_management_factor: Type.Optional(
    positive("Largest reduction of the inputs; default 1000. max_bm_factor", 1e6),
  ),
  bound_management_resolution_frac: share(
    "Share of the DAC's range that inputs may lose; default 0.25. max_bm_res",
  ),
  stochastic_input_rounding: flag("The DAC rounds up or down at random. inp_sto_round"),
  stochastic_output_rounding: flag("The ADC rounds up or down at random. out_sto_round"),
  input_noise_std: std("Noise after the DAC, in units of the input range. inp_noise"),
  output_noise_spread_std: std("Spread of the output noise between columns. out_noise_std"),
  read_noise_kind: Type.Optional(
    Type.Enum(["pcm", "constant"], {
      description:
        "read_noise.std grows with the root of the conductance, or is the same for all; default pcm. w_noise_type",
    }),
  ),
  input_asymmetry_frac: share("Negative inputs are this share smaller. inp_asymmetry"),
  output_asymmetry_frac: share("Negative outputs are this share smaller. out_asymmetry"),
  nonlinearity_factor: std("S-shaped saturation of outputs, at the bound. out_nonlinearity"),
  nonlinearity_spread_std: std("Its spread between columns. out_nonlinearity_std"),
  slope_calibration_factor: std("Undoes the mean slope of the saturation. slope_calibration"),
  series_resistance_ratio: std("Series resistance over that of a column. r_series"),
  voltage_offset_std: std("Spread of the columns' voltage offsets. v_offset_std"),
  voltage_offset_bound: Type.Optional(
    Type.Number({
      minimum: -1e3,
      maximum: 0,
      description: "Weight that draws no current; default -1. v_offset_w_min",
    }),
  ),
  read_asymmetry_std: std(
    "Spread of a weight's factor between positive and negative reads; needs two passes. w_read_asymmetry_dtod",
  ),
});
export type PeripheryOptions = Static<typeof PeripherySchema>;
