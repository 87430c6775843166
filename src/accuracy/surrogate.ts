/** The accuracy surrogate: the predicted rise of the loss of any placement on any offered chip. */
import { weightsPerCrossbar } from "../mapping/split.ts";
import type { AnalogTile, Arch } from "../model/arch.ts";
import type { Target } from "../model/placement.ts";
import { heldWeights, writeModelOf } from "./predict-error.ts";
import { type ErrorModel, type PredictedRise, predictRise, readErrors } from "./predict-rise.ts";
import type { MatrixSensitivity } from "./predict-sensitivity.ts";

/**
 * All that predictions need of a trained model: plain data, made once a checkpoint, that worker
 * threads can be sent. `src/cli/sensitivities.ts` computes and caches it.
 */
export interface AccuracySensitivities {
  /** Of every offered tiling, under its `tilingKey`. [matrices]; null: digital in every placement */
  readonly tilings: Readonly<Record<string, readonly (MatrixSensitivity | null)[]>>;
  /** Calibration tokens that were predicted. */
  readonly predictions: number;
  /** Mean NLL of the all-digital model on the calibration text. */
  readonly calibration_nll_nats: number;
}

/** What of a tile its sensitivities depend on: how it is cut, scaled and driven. */
export function tilingKey({
  crossbar,
  numerics: { weight_scaling, input_range },
}: Pick<AnalogTile, "crossbar" | "numerics">): string {
  const { rows, cols } = weightsPerCrossbar(crossbar);
  const { note: _note, ...rule } = input_range;
  return `${rows}x${cols} ${weight_scaling} ${JSON.stringify(rule)}`;
}

/**
 * Predicted rise of the mean NLL over that of the all-digital model, in nats.
 *
 * @param targets of every matrix, in the order of `weightMatrices`: "analog" is the first kind of
 *   tile; or numbers of the kinds of tiles, -1 for digital, as `matrixTileKinds` gives them
 * @param age_s seconds since programming; 0: right after it
 * @param noise_scale multiplies the programming noise
 * @returns may be slightly negative, where biased errors happen to help. Above about one nat the
 *   measured rise is smaller: the prediction is of second order
 * @throws Error if the sensitivities lack the tiling of a tile that is used
 * @throws InputError if a device model has no data for the age
 */
export type AccuracySurrogate = (
  arch: Pick<Arch, "tiles">,
  targets: readonly Target[] | Int32Array,
  age_s: number,
  noise_scale: number,
) => number;

/** The rise of every matrix alone, on one kind of tile; null: digital in every placement. */
export type MatrixRises = (
  tile: AnalogTile,
  age_s: number,
  noise_scale: number,
) => readonly (PredictedRise | null)[];

/**
 * A surrogate that remembers what it has computed.
 *
 * The first call for a tile with new numerics, age or noise takes milliseconds (some tens where
 * devices age); placements on a known tile take microseconds.
 */
export function createAccuracySurrogate(sensitivities: AccuracySensitivities): AccuracySurrogate {
  const risesOf = createMatrixRises(sensitivities);
  const along = Object.values(sensitivities.tilings)[0]?.map((own) => own?.along ?? null) ?? [];
  const windows = along.find((own) => own !== null)?.length ?? 0;
  return ({ tiles }, targets, age_s, noise_scale) => {
    const known: (readonly (PredictedRise | null)[])[] = [];
    const together = new Float64Array(windows);
    let [total, apart] = [0, 0];
    for (let id = 0; id < targets.length; id++) {
      const kind = kindOf(targets[id]!);
      if (kind < 0) continue;
      known[kind] ??= risesOf(tiles[kind]!, age_s, noise_scale);
      const rise = known[kind][id] ?? null;
      if (rise === null) continue;
      total += rise.total_nats;
      apart += addAlong(rise.weightFactor + rise.sumFactor, along[id]!, together);
    }
    return total + commonRise(together, apart, sensitivities.predictions);
  };
}

const kindOf = (target: Target | number): number =>
  typeof target === "number" ? target : target === "analog" ? 0 : -1;

/** Adds what a factor on a matrix does to each window. @returns its square, summed over windows */
function addAlong(factor: number, along: Float64Array, together: Float64Array): number {
  if (factor === 0) return 0;
  let square = 0;
  for (let w = 0; w < together.length; w++) {
    const own = factor * along[w]!;
    together[w] = together[w]! + own;
    square += own * own;
  }
  return square;
}

/** Factors on several matrices act together: what that adds to the sum of each alone. */
function commonRise(together: Float64Array, apart: number, predictions: number): number {
  let square = 0;
  for (let w = 0; w < together.length; w++) square += together[w]! * together[w]!;
  return (square - apart) / (2 * predictions);
}

/** Results that are kept; an exploration has few kinds of tiles at a time. */
const MOST_KEPT = 256;

/** @throws Error if the sensitivities lack the tiling of the tile */
export function createMatrixRises({ tilings, predictions }: AccuracySensitivities): MatrixRises {
  const weightsOf = remembered((_key: string, tile: AnalogTile, age_s: number, scale: number) =>
    heldWeights(writeModelOf(tile, scale, age_s)),
  );
  const readsOf = remembered((_key: string, tile: AnalogTile) => withKnownInputs(readErrors(tile)));
  const risesOf = remembered((_key: string, tile: AnalogTile, age_s: number, scale: number) => {
    const tiling = tilings[tilingKey(tile)];
    if (tiling === undefined) throw new Error(`no sensitivities for tiles of ${tilingKey(tile)}`);
    const errors = {
      ...readsOf(readKey(tile), tile),
      weights: weightsOf(writeKey(tile, age_s, scale), tile, age_s, scale),
    };
    return tiling.map((own) => (own === null ? null : withFactor(own, errors, predictions)));
  });
  return (tile, age_s, scale) =>
    risesOf(
      `${tilingKey(tile)} ${readKey(tile)} ${writeKey(tile, age_s, scale)}`,
      tile,
      age_s,
      scale,
    );
}

/**
 * A factor on the whole matrix costs what the derivative along it says: the errors of its weights
 * are not independent, as the sum over weights takes them to be.
 */
function withFactor(
  own: MatrixSensitivity,
  errors: ErrorModel,
  predictions: number,
): PredictedRise {
  const rise = predictRise(own, errors);
  const factor = rise.weightFactor + rise.sumFactor;
  if (factor === 0 && rise.weightFactor === 0) return rise;
  const { squares } = own.weights;
  let [along, apart] = [0, 0];
  for (const value of own.along) along += (value * value) / predictions;
  for (let i = 0; i < squares.length; i++) apart += squares[i]! * (i / (squares.length - 1)) ** 2;
  const more = (factor ** 2 * along - rise.weightFactor ** 2 * apart) / 2;
  return { ...rise, weights_nats: rise.weights_nats + more, total_nats: rise.total_nats + more };
}

const writeKey = ({ crossbar, numerics }: AnalogTile, age_s: number, scale: number): string =>
  JSON.stringify([
    numerics.devices,
    numerics.pairs,
    numerics.faults,
    numerics.weight_omega,
    crossbar.slices,
    crossbar.cell_bits,
    age_s,
    scale,
  ]);

const readKey = ({ input, output, numerics, crossbar }: AnalogTile): string => {
  const { devices: _devices, ...rest } = numerics;
  return JSON.stringify([input, output.bits, rest, crossbar.slices, crossbar.cell_bits]);
};

/** DAC errors by range: kept, because all placements ask for the same. */
function withKnownInputs(errors: Omit<ErrorModel, "weights">): Omit<ErrorModel, "weights"> {
  const inputsAt = new Map<number | null, ReturnType<ErrorModel["inputs"]>>();
  return {
    ...errors,
    inputs: (range) => {
      const known = inputsAt.get(range) ?? errors.inputs(range);
      inputsAt.set(range, known);
      return known;
    },
  };
}

/** A function that keeps its last results by key. */
function remembered<Rest extends readonly unknown[], T>(
  compute: (key: string, ...rest: Rest) => T,
): (key: string, ...rest: Rest) => T {
  const known = new Map<string, T>();
  return (key, ...rest) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MOST_KEPT) known.clear();
    const made = compute(key, ...rest);
    known.set(key, made);
    return made;
  };
}
