/** Weights as digits on slices: each slice is programmed and ages by itself. */
import { deviceModel } from "./devices/index.ts";
import type { AnalogMatrix } from "./engine.ts";
import { digitOf } from "./input-codes.ts";
import { type ProgramRequest, programMatrix, type Slicing, writeOptions } from "./program.ts";
import { writeBlocks } from "./write-blocks.ts";

/** How many slices and row ranges have addresses: 21 bits above the 32 of the seed. */
export const MOST_SLICES = 32;
const MOST_ROW_RANGES = 65536;

/** Slices and row ranges share no random number: each has a seed of its own. */
export function seedOf(seed: number, slice: number, rowRange: number): number {
  if (rowRange >= MOST_ROW_RANGES) throw new Error(`no addresses for ${rowRange} row ranges`);
  return seed + 2 ** 32 * (slice * MOST_ROW_RANGES + rowRange);
}

const IDEAL = { kind: "ideal", source: "not programmed yet", evidence: "derived" } as const;

/** One matrix a slice; scales include the slice's significance. */
export function sliceWeights(
  request: ProgramRequest,
  { slices, cell_bits }: Slicing,
): AnalogMatrix[] {
  if (cell_bits === undefined && slices > 1)
    throw new Error(`${slices} slices need a number of bits of a cell`);
  if (cell_bits === undefined) return [programMatrix(request)];
  const { numerics, matrix } = request;
  const omega = numerics.weight_omega;
  const { faults: _, levels: __, ...ideal } = request;
  const whole = programMatrix({
    ...ideal,
    numerics: { ...numerics, devices: IDEAL },
    age_s: 0,
  });
  const base = 2 ** cell_bits;
  const codeMax = base ** slices - 1;
  const device = deviceModel(numerics.devices, request.noise_scale);
  return Array.from({ length: slices }, (_, s) => {
    const blocks = whole.blocks.map((block) => ({
      ...block,
      weights: block.weights.map((w) => {
        const code = Math.round((Math.abs(w) / omega) * codeMax);
        return (Math.sign(w) * omega * digitOf(code, s, cell_bits)) / (base - 1);
      }),
      scale: block.scale.map((scale) => (scale * base ** s * (base - 1)) / codeMax),
    }));
    writeBlocks(blocks, matrix, device, {
      ...writeOptions(request),
      address: { seed: seedOf(request.seed, s, 0), matrix: matrix.id },
      levels: base,
    });
    return { ...whole, blocks };
  });
}

/** Does no read change anything: ideal devices, no noise, and an ADC for every sum? */
export function losesNothing(
  { numerics, faults, noise_scale }: ProgramRequest,
  { lossless }: Slicing,
): boolean {
  return (
    lossless === true &&
    deviceModel(numerics.devices, noise_scale).exact &&
    faults === undefined &&
    numerics.output_noise.std === 0 &&
    (numerics.read_noise?.std ?? 0) === 0 &&
    (numerics.ir_drop?.scale ?? 0) === 0 &&
    numerics.periphery === undefined
  );
}
