/** Switches: each non-ideality on its own, or all but one. */
import type { AnalogNumerics } from "../model/analog-numerics.ts";
import type { ProgramRequest } from "./program.ts";

/** What can make an analog product differ from the digital one. */
export const EFFECTS = {
  dac: "rounding and clipping of the inputs",
  adc: "rounding and clipping of the outputs",
  levels: "finite conductance levels of a cell",
  programming: "programming noise of the devices",
  faults: "stuck devices",
  ageing: "drift and read noise since programming, after compensation",
  output_noise: "noise before the ADC",
  read_noise: "short-term read noise of the weights",
  ir_drop: "voltage lost along the wires",
  circuit: "what numerics.periphery adds: offsets, asymmetries, saturation, two-pass reads, ...",
} as const satisfies Record<string, string>;
export type Effect = keyof typeof EFFECTS;
export const EFFECT_NAMES = Object.keys(EFFECTS) as readonly Effect[];

/** Effects that are switched off together. */
export const EFFECT_GROUPS = {
  periphery: ["dac", "adc", "output_noise", "read_noise", "ir_drop", "circuit"],
  devices: ["levels", "programming", "faults", "ageing"],
  drift: ["ageing"],
} as const satisfies Record<string, readonly Effect[]>;

/** No bound that an output would reach. */
const NO_BOUND = 1e30;
/** Inputs of bit-serial reads need codes: the finest there are. */
const FINEST_BITS = 16;

const changed = (request: ProgramRequest, numerics: Partial<AnalogNumerics>): ProgramRequest => ({
  ...request,
  numerics: { ...request.numerics, ...numerics },
});

const withoutField = (
  request: ProgramRequest,
  field: "read_noise" | "ir_drop" | "periphery",
): ProgramRequest => {
  const { [field]: _, ...numerics } = request.numerics;
  return { ...request, numerics };
};

/** Each effect's way to be absent. */
const OFF: Readonly<Record<Effect, (request: ProgramRequest) => ProgramRequest>> = {
  dac: (request) =>
    request.slicing === undefined
      ? widened({ ...request, inputBits: 0 })
      : { ...request, inputBits: FINEST_BITS, inputRanges: null },
  adc: (request) =>
    withLossyAdc(changed({ ...request, outputBits: 0 }, { output_bound: NO_BOUND })),
  levels: withAnalogLevels,
  programming: (request) => ({ ...request, noise_scale: 0 }),
  faults: ({ faults: _, ...request }) => request,
  ageing: (request) => ({ ...request, age_s: 0 }),
  output_noise: (request) =>
    changed(request, { output_noise: { ...request.numerics.output_noise, std: 0 } }),
  read_noise: (request) => withoutField(request, "read_noise"),
  ir_drop: (request) => withoutField(request, "ir_drop"),
  circuit: (request) => withoutField(request, "periphery"),
};

function withLossyAdc(request: ProgramRequest): ProgramRequest {
  if (request.slicing === undefined) return request;
  return { ...request, slicing: { ...request.slicing, lossless: false } };
}

/** Cells of bit slices keep their digits: a weight of `slices * cell_bits` bits stays one. */
function withAnalogLevels({ levels: _, ...request }: ProgramRequest): ProgramRequest {
  const { slicing } = request;
  if (slicing === undefined || slicing.slices > 1) return request;
  const { cell_bits: __, ...analog } = slicing;
  return { ...request, slicing: analog };
}

/** So much wider that no input clips; a power of two, so that nothing else changes, bit by bit. */
const WIDER = 2 ** 20;

/**
 * The same crossbar with wider input ranges: what is in units of the range (bound, noise, currents)
 * is rescaled with it.
 */
function widened(request: ProgramRequest): ProgramRequest {
  const { inputRanges, numerics } = request;
  if (inputRanges === null) return request;
  // What the periphery adds knows no other scale: there the range gives way to that of each vector.
  if (numerics.periphery !== undefined) return { ...request, inputRanges: null };
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
  // The circuit first: how the DAC is switched off depends on it.
  const ordered = effects.toSorted((a, b) => Number(b === "circuit") - Number(a === "circuit"));
  return ordered.reduce((r, effect) => OFF[effect](r), request);
}

/** The request with one effect only. */
export function only(request: ProgramRequest, effect: Effect): ProgramRequest {
  return without(
    request,
    EFFECT_NAMES.filter((name) => name !== effect),
  );
}

/** Effects that a request has at all: the others need not be tried. */
export function isPresent({ numerics, ...request }: ProgramRequest, effect: Effect): boolean {
  switch (effect) {
    case "levels":
      return request.levels !== undefined || request.slicing?.cell_bits !== undefined;
    case "faults":
      return request.faults !== undefined;
    case "ageing":
      return request.age_s > 0;
    case "read_noise":
      return (numerics.read_noise?.std ?? 0) > 0;
    case "ir_drop":
      return (numerics.ir_drop?.scale ?? 0) > 0;
    case "output_noise":
      return numerics.output_noise.std > 0;
    case "circuit":
      return numerics.periphery !== undefined;
    case "programming":
      return numerics.devices.kind !== "ideal" && request.noise_scale > 0;
    default:
      return true;
  }
}
