/** Programs and ages the devices of one output column. */

import {
  fillNormals as fillNormalsHere,
  type NoiseAddress,
  type Purpose,
} from "../random/philox.ts";
import type { Ageing, DeviceModel } from "./devices/device.ts";
import { writePairs32 } from "./devices/pair-statistics.ts";
import { drawFaults, type FaultState, type StuckFaults } from "./faults.ts";
import { roundHalfEven } from "./quantise.ts";

const f32 = Math.fround;

/** Standard normals of an address: `random/philox.ts` or an engine's faster equal. */
export type FillNormals = (out: Float32Array, address: NoiseAddress) => void;

/**
 * Writes the pairs of a column: `writePairs` of this file or an engine's faster equal.
 *
 * @param constants from `DeviceModel.pairConstants`
 * @param column [inputs] normalised target weights, in place
 * @param programmed [inputs] receives the weights before ageing; null: nothing ages
 */
export type WritePairs = (
  constants: Float32Array,
  address: PairAddress,
  output: number,
  column: Float32Array,
  programmed: Float32Array | null,
) => void;

/** Seed and matrix of the devices, and which of a weight's pairs they are. */
export interface PairAddress {
  readonly seed: number;
  readonly matrix: number;
  readonly pair: number;
}

export interface ColumnWriter {
  /**
   * Replaces the normalised target weights of one output by what its devices hold.
   *
   * @param column [inputs], in place
   * @param programmed [inputs] receives the weights before ageing, if they age
   */
  readonly write: (output: number, column: Float32Array, programmed: Float32Array | null) => void;
}

export interface ColumnOptions {
  /** Normalised weight that takes the largest conductance. */
  readonly omega: number;
  readonly address: PairAddress;
  readonly age_s: number;
  /** Conductances that a device can be programmed to, equidistant; left out: any. */
  readonly levels?: number;
  readonly faults?: StuckFaults;
  readonly fillNormals?: FillNormals;
  readonly writePairs?: WritePairs;
}

/** Random numbers of one device of each weight of the drawn output. */
interface Devices {
  readonly purposes: Purposes;
  readonly program: Float32Array;
  readonly drift: Float32Array;
  readonly read: Float32Array;
  faults: FaultState | null;
}

/** Standard normals of programming, drift and read of one of a weight's devices. */
type Purposes = readonly [Purpose, Purpose, Purpose];
const PLUS: Purposes = ["programming-plus", "drift-exponent-plus", "read-plus"];
const MINUS: Purposes = ["programming-minus", "drift-exponent-minus", "read-minus"];
/** In the order in which the kernels take them. */
export const PAIR_PURPOSES: readonly Purpose[] = PLUS.flatMap((plus, i) => [plus, MINUS[i]!]);

/** @param inputs of the matrix */
export function createColumnWriter(
  device: DeviceModel,
  inputs: number,
  options: ColumnOptions,
): ColumnWriter {
  const { omega, address, age_s, levels, faults } = options;
  const ageing = age_s > 0 && device.ageing !== null ? device.ageing(age_s) : null;
  if (device.pairConstants !== undefined && levels === undefined && faults === undefined) {
    const constants = device.pairConstants(omega, age_s);
    const writePairs = options.writePairs ?? createWritePairs(options.fillNormals);
    return {
      write: (output, column, programmed) =>
        writePairs(constants, address, output, column, ageing === null ? null : programmed),
    };
  }
  const plus = emptyDevices(PLUS, inputs);
  const minus = emptyDevices(MINUS, inputs);
  const draw = drawer(device, ageing !== null, options, plus, minus);
  const target = levels === undefined ? null : levelled(levels, omega);
  const hold = holder(device, ageing, omega, plus, minus);
  return {
    write: (output, column, programmed) => {
      draw(output);
      for (let k = 0; k < inputs; k++)
        column[k] = hold(target === null ? column[k]! : target(column[k]!), k, programmed);
    },
  };
}

/** Draws the random numbers of all devices of one output. */
function drawer(
  device: DeviceModel,
  ages: boolean,
  { address, faults, fillNormals = fillNormalsHere }: ColumnOptions,
  plus: Devices,
  minus: Devices,
): (output: number) => void {
  const { seed, matrix, pair } = address;
  const fillDevices = ({ purposes, program, drift, read }: Devices, row: number): void => {
    const fill = (out: Float32Array, purpose: Purpose): void =>
      fillNormals(out, { seed, matrix, block: pair, purpose, row });
    fill(program, purposes[0]);
    if (!ages) return;
    fill(drift, purposes[1]);
    fill(read, purposes[2]);
  };
  return (output) => {
    if (!device.exact) fillDevices(plus, output);
    if (device.encoding === "pair") fillDevices(minus, output);
    if (faults === undefined) return;
    plus.faults = drawFaults(faults, plus.program.length, output, 2 * pair, address);
    minus.faults = drawFaults(faults, plus.program.length, output, 2 * pair + 1, address);
  };
}

/** Pairs in TypeScript. */
function createWritePairs(fill: FillNormals = fillNormalsHere): WritePairs {
  let buffers: readonly Float32Array[] = [];
  return (constants, { seed, matrix, pair }, row, column, programmed) => {
    if (buffers[0]?.length !== column.length)
      buffers = PAIR_PURPOSES.map(() => new Float32Array(column.length));
    const ages = programmed !== null;
    PAIR_PURPOSES.slice(0, ages ? 6 : 2).forEach((purpose, i) => {
      fill(buffers[i]!, { seed, matrix, block: pair, purpose, row });
    });
    const two = (first: number): readonly [Float32Array, Float32Array] => [
      buffers[first]!,
      buffers[first + 1]!,
    ];
    writePairs32(constants, column, programmed, {
      program: two(0),
      drift: ages ? two(2) : null,
      read: ages ? two(4) : null,
    });
  };
}

function emptyDevices(purposes: Purposes, inputs: number): Devices {
  return {
    purposes,
    program: new Float32Array(inputs),
    drift: new Float32Array(inputs),
    read: new Float32Array(inputs),
    faults: null,
  };
}

/** To the nearest of the magnitudes 0, omega/(levels-1), ..., omega. */
function levelled(levels: number, omega: number): (weight: number) => number {
  if (!(levels >= 2)) throw new Error(`${levels} conductance levels; must be at least 2`);
  const step = omega / (levels - 1);
  return (weight) => f32(roundHalfEven(weight / step) * step);
}

/** Target weight -> held weight, for the devices at row k; notes the programmed one. */
type Hold = (target: number, k: number, programmed: Float32Array | null) => number;

function holder(
  device: DeviceModel,
  ageing: Ageing | null,
  omega: number,
  plus: Devices,
  minus: Devices,
): Hold {
  if (device.encoding === "pair") return pairHolder(device, ageing, omega, plus, minus);
  if (device.encoding === "single") return singleHolder(device, ageing, omega, plus);
  return signedHolder(device, omega, plus, minus);
}

/** What a stuck device has instead of its conductance. */
function orStuck(value: number, state: FaultState | null, k: number, low: number, high: number) {
  const fault = state === null ? 0 : state[k]!;
  return fault === 0 ? value : fault < 0 ? low : high;
}

/** Noise on the signed weight; for faults it counts as the difference of two devices. */
function signedHolder(device: DeviceModel, omega: number, plus: Devices, minus: Devices): Hold {
  const perWeight = device.gMax_uS / omega;
  return (target, k, programmed) => {
    let held = device.program(target * perWeight, plus.program[k]!) / perWeight;
    if (plus.faults !== null)
      held =
        orStuck(Math.max(held, 0), plus.faults, k, 0, omega) -
        orStuck(Math.max(-held, 0), minus.faults, k, 0, omega);
    if (programmed !== null) programmed[k] = held;
    return held;
  };
}

/** One device: its middle conductance is 0, its range -omega to omega. */
function singleHolder(
  device: DeviceModel,
  ageing: Ageing | null,
  omega: number,
  devices: Devices,
): Hold {
  const { gMin_uS, gMax_uS } = device;
  const perWeight = (gMax_uS - gMin_uS) / (2 * omega);
  const zero_uS = (gMax_uS + gMin_uS) / 2;
  return (target, k, programmed) => {
    const target_uS = zero_uS + target * perWeight;
    const stuck = (g_uS: number): number => orStuck(g_uS, devices.faults, k, gMin_uS, gMax_uS);
    const written_uS = device.program(target_uS, devices.program[k]!);
    if (programmed !== null) programmed[k] = (stuck(written_uS) - zero_uS) / perWeight;
    const now_uS =
      ageing === null
        ? written_uS
        : ageing(target_uS, written_uS, devices.drift[k]!, devices.read[k]!);
    return (stuck(now_uS) - zero_uS) / perWeight;
  };
}

/** A differential pair: the device of the other sign is programmed to the lowest conductance. */
function pairHolder(
  device: DeviceModel,
  ageing: Ageing | null,
  omega: number,
  plus: Devices,
  minus: Devices,
): Hold {
  const { gMin_uS, gMax_uS } = device;
  const perWeight = f32((gMax_uS - gMin_uS) / omega);
  const perConductance = f32(omega / (gMax_uS - gMin_uS));
  const difference = (plus_uS: number, minus_uS: number, k: number): number =>
    perConductance *
    f32(
      orStuck(plus_uS, plus.faults, k, gMin_uS, gMax_uS) -
        orStuck(minus_uS, minus.faults, k, gMin_uS, gMax_uS),
    );
  return (target, k, programmed) => {
    const scaled_uS = f32(target * perWeight);
    const plus_uS = gMin_uS + Math.max(0, scaled_uS);
    const minus_uS = gMin_uS + Math.max(0, -scaled_uS);
    const writtenPlus = device.program(plus_uS, plus.program[k]!);
    const writtenMinus = device.program(minus_uS, minus.program[k]!);
    if (programmed !== null) programmed[k] = difference(writtenPlus, writtenMinus, k);
    if (ageing === null) return difference(writtenPlus, writtenMinus, k);
    const nowPlus = ageing(plus_uS, writtenPlus, plus.drift[k]!, plus.read[k]!);
    const nowMinus = ageing(minus_uS, writtenMinus, minus.drift[k]!, minus.read[k]!);
    return difference(nowPlus, nowMinus, k);
  };
}
