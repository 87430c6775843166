import { unreachable } from "../../units/exhaustive.ts";
import { surveyConversion_pJ } from "./adc-survey.ts";

/** How an arch file prices a conversion. */
type AdcEnergy =
  | { readonly kind: "constant"; readonly conversion_pJ: number }
  | { readonly kind: "walden"; readonly walden_fJ: number }
  | { readonly kind: "survey"; readonly effective_bits: number; readonly energy_factor: number };

/** One analog-to-digital converter. */
export interface Adc {
  readonly bits: number;
  readonly conversion_ns: number;
  readonly energy: AdcEnergy;
  readonly technology_nm: number;
}

/**
 * Energy of one conversion: given, or `FOM x 2^bits`, or by the survey at the converter's speed.
 *
 * @source Walden, "Analog-to-digital converter survey and analysis", 1999, for the figure of merit.
 */
export function adcConversion_pJ({ bits, conversion_ns, energy, technology_nm }: Adc): number {
  switch (energy.kind) {
    case "constant":
      return energy.conversion_pJ;
    case "walden":
      return (energy.walden_fJ * 2 ** bits) / 1000;
    case "survey": {
      const { effective_bits, energy_factor } = energy;
      const samples_per_s = 1e9 / conversion_ns;
      return energy_factor * surveyConversion_pJ({ effective_bits, technology_nm, samples_per_s });
    }
    default:
      return unreachable(energy);
  }
}

/** Converters of a tile; tiers share them. */
export function adcsPerTile(cols: number, columnsPerAdc: number): number {
  return Math.ceil(cols / columnsPerAdc);
}

/**
 * Time in which the busiest converter of a tile handles its share of the used columns.
 *
 * Neighbouring columns share a converter, so a block narrower than a group takes less.
 */
export function conversionPhase_ns(
  usedColumns: number,
  columnsPerAdc: number,
  conversion_ns: number,
): number {
  return Math.min(usedColumns, columnsPerAdc) * conversion_ns;
}
