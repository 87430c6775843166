/** Switches: each non-ideality on its own, or all but one. */
import type { AnalogNumerics } from "../model/arch.ts";
import type { ProgramRequest } from "./program.ts";

/** What can make an analog product differ from the digital one. */
export const EFFECTS = {
  dac: "rounding and clipping of the inputs",
  adc: "rounding and clipping of the outputs",
  programming: "programming noise of the devices",
  ageing: "drift and read noise since programming, after compensation",
  output_noise: "noise before the ADC",
  read_noise: "short-term read noise of the weights",
  ir_drop: "voltage lost along the wires",
} as const satisfies Record<string, string>;
export type Effect = keyof typeof EFFECTS;
export const EFFECT_NAMES = Object.keys(EFFECTS) as readonly Effect[];

/** No bound that an output would reach. */
const NO_BOUND = 1e30;

const changed = (request: ProgramRequest, numerics: Partial<AnalogNumerics>): ProgramRequest => ({
  ...request,
  numerics: { ...request.numerics, ...numerics },
});

/** Each effect's way to be absent. */
const OFF: Readonly<Record<Effect, (request: ProgramRequest) => ProgramRequest>> = {
  dac: (request) => widened({ ...request, inputBits: 0 }),
  adc: (request) => changed({ ...request, outputBits: 0 }, { output_bound: NO_BOUND }),
  programming: (request) => ({ ...request, noise_scale: 0 }),
  ageing: (request) => ({ ...request, age_s: 0 }),
  output_noise: (request) =>
    changed(request, { output_noise: { ...request.numerics.output_noise, std: 0 } }),
  read_noise: (request) => {
    const { read_noise: _, ...numerics } = request.numerics;
    return { ...request, numerics };
  },
  ir_drop: (request) => {
    const { ir_drop: _, ...numerics } = request.numerics;
    return { ...request, numerics };
  },
};

/** So much wider that no input clips; a power of two, so that nothing else changes, bit by bit. */
const WIDER = 2 ** 20;

/**
 * The same crossbar with wider input ranges: what is in units of the range (bound, noise, currents)
 * is rescaled with it.
 */
function widened(request: ProgramRequest): ProgramRequest {
  const { inputRanges, numerics } = request;
  if (inputRanges === null) return request;
  const { output_noise, ir_drop } = numerics;
  return changed(
    { ...request, inputRanges: Float64Array.from(inputRanges, (range) => range * WIDER) },
    {
      output_bound: numerics.output_bound / WIDER,
      output_noise: { ...output_noise, std: output_noise.std / WIDER },
      ...(ir_drop && {
        ir_drop: { ...ir_drop, conductance_ratio: ir_drop.conductance_ratio / WIDER },
      }),
    },
  );
}

/** The request with some effects switched off. */
export function without(request: ProgramRequest, effects: readonly Effect[]): ProgramRequest {
  return effects.reduce((r, effect) => OFF[effect](r), request);
}

/** The request with one effect only. */
export function only(request: ProgramRequest, effect: Effect): ProgramRequest {
  return without(
    request,
    EFFECT_NAMES.filter((name) => name !== effect),
  );
}
