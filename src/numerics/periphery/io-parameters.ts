/**
 * All that AIHWKIT lets one say about the converters of a crossbar; names and defaults are its own,
 * so that a configuration can be carried over as it is.
 *
 * @source AIHWKIT 1.1.0, IOParameters.
 */
export interface IoParameters {
  /** y = out_scale W x and nothing else. */
  readonly is_perfect: boolean;
  readonly mv_type: "Ideal" | "OnePass" | "PosNegSeparate" | "PosNegSeparateDigitalSum";
  /** Clip of DAC and ADC; <= 0: none. */
  readonly inp_bound: number;
  readonly out_bound: number;
  /** Resolution as a share of the full range; > 1: number of states; <= 0: no rounding. */
  readonly inp_res: number;
  readonly out_res: number;
  readonly inp_sto_round: boolean;
  readonly out_sto_round: boolean;
  /** Standard deviation after the DAC, before the ADC; spread of the latter between outputs. */
  readonly inp_noise: number;
  readonly out_noise: number;
  readonly out_noise_std: number;
  /** Negative DAC values, negative analog outputs, are this share smaller. */
  readonly inp_asymmetry: number;
  readonly out_asymmetry: number;
  readonly out_scale: number;
  readonly noise_management:
    | "None"
    | "AbsMax"
    | "Max"
    | "Constant"
    | "AverageAbsMax"
    | "AbsMaxNPSum";
  /** Cap of the input scale (AbsMax, Max, AbsMaxNPSum), or the scale itself (Constant); 0: none. */
  readonly nm_thres: number;
  /** Decay of the running mean of AverageAbsMax. */
  readonly nm_decay: number;
  /** Mean weight that AbsMaxNPSum expects. */
  readonly nm_assumed_wmax: number;
  readonly bound_management: "None" | "Iterative" | "IterativeWorstCase";
  readonly max_bm_factor: number;
  readonly max_bm_res: number;
  /** Does a clip at the negative bound count? */
  readonly bm_test_negative_bound: boolean;
  readonly w_noise: number;
  readonly w_noise_type: "None" | "AdditiveConstant" | "PCMRead";
  /** Scale of the IR drop; wire conductance over largest device conductance. */
  readonly ir_drop: number;
  readonly ir_drop_g_ratio: number;
  readonly r_series: number;
  readonly v_offset_std: number;
  readonly v_offset_w_min: number;
  readonly out_nonlinearity: number;
  readonly out_nonlinearity_std: number;
  readonly slope_calibration: number;
  /** Spread of the factor on weights as the negative pass sees them. */
  readonly w_read_asymmetry_dtod: number;
}

export const IO_DEFAULTS: IoParameters = {
  is_perfect: false,
  mv_type: "OnePass",
  inp_bound: 1,
  out_bound: 12,
  inp_res: 1 / (2 ** 7 - 2),
  out_res: 1 / (2 ** 9 - 2),
  inp_sto_round: false,
  out_sto_round: false,
  inp_noise: 0,
  out_noise: 0.06,
  out_noise_std: 0,
  inp_asymmetry: 0,
  out_asymmetry: 0,
  out_scale: 1,
  noise_management: "AbsMax",
  nm_thres: 0,
  nm_decay: 1e-3,
  nm_assumed_wmax: 0.6,
  bound_management: "Iterative",
  max_bm_factor: 1000,
  max_bm_res: 0.25,
  bm_test_negative_bound: true,
  w_noise: 0,
  w_noise_type: "None",
  ir_drop: 0,
  ir_drop_g_ratio: 1 / 0.35 / 5e-6,
  r_series: 0,
  v_offset_std: 0,
  v_offset_w_min: -1,
  out_nonlinearity: 0,
  out_nonlinearity_std: 0,
  slope_calibration: 0,
  w_read_asymmetry_dtod: 0,
};
