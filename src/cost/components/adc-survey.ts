/** An ADC as a point of the design space that published converters span. */
export interface AdcPoint {
  /** Effective number of bits, >= 4. */
  readonly effective_bits: number;
  readonly technology_nm: number;
  readonly samples_per_s: number;
}

/**
 * Largest Schreier figure of merit at a sample rate, in dB: falls with speed, capped at low speed.
 *
 * @source Andrulis et al., arXiv 2404.06553; coefficients of hwcomponents-adc, model.yaml.
 */
function schreier_dB({ effective_bits, samples_per_s }: AdcPoint): number {
  const cap_dB = 128.3068 + 3.2205115 * Math.ceil(effective_bits);
  return Math.min(213.7807 - 2.871903 * Math.log(samples_per_s), cap_dB);
}

/**
 * Energy of one conversion: a regression on the Murmann ADC survey, at its best quintile.
 *
 * An optimistic bound. For ISAAC's converter (8 bits, 1.2 GSps, 32 nm) it gives 1.85 pJ; the paper
 * prints 1.56 to 1.67.
 *
 * @source Andrulis et al., arXiv 2404.06553; coefficients of hwcomponents-adc, model.yaml.
 */
export function surveyConversion_pJ(adc: AdcPoint): number {
  const signalToNoise_dB = 6.0206 * adc.effective_bits + 1.7609;
  const thermal = 0.5 * 10 ** ((signalToNoise_dB - schreier_dB(adc)) / 10);
  const exponent =
    26.04962 +
    1.880037 * Math.log(adc.technology_nm) -
    2.829126 * Math.log(adc.effective_bits) -
    1.470202;
  return thermal * Math.exp(exponent);
}

/**
 * Area of one converter by the same regression.
 *
 * Much weaker than the energy: 6300 um2 for ISAAC's converter, of which the paper prints 1200.
 *
 * @source as `surveyConversion_pJ`
 */
export function surveyArea_um2(adc: AdcPoint): number {
  const exponent =
    1.346192 +
    0.9932795 * Math.log(adc.technology_nm) +
    0.1807154 * Math.log(adc.samples_per_s) +
    0.2991243 * Math.log(surveyConversion_pJ(adc));
  return Math.exp(exponent);
}

/**
 * Area of a converter in a given design: the regression times the design's own factor.
 *
 * The factor is that design's printed area over the regression's; converters of one paper share it,
 * converters of different papers do not (`ADC_AREA_FACTORS`).
 */
export function designArea_um2(adc: AdcPoint, area_factor: number): number {
  return area_factor * surveyArea_um2(adc);
}

/** Printed area over the regression's, for designs whose converters are known. */
export const ADC_AREA_FACTORS = {
  /** 1200 um2: 8 bits, 1.2 GS/s, 32 nm. Shafiee et al., ISCA 2016, table I. */
  isaac: 0.19,
  /** 0.497 mm2 for 256: 8 bits, 0.74 MS/s, 65 nm. Jia et al., JSSC 2020. */
  jia2020: 0.397,
} as const;
