/** Programs and ages the devices of one output column. */

import {
  fillNormals as fillNormalsHere,
  type NoiseAddress,
  type Purpose,
} from "../random/philox.ts";
import type { Ageing, DeviceModel } from "./devices/device.ts";
import { drawFaults, type FaultState, type StuckFaults } from "./faults.ts";
import { roundHalfEven } from "./quantise.ts";

/** Standard normals of an address: `random/philox.ts` or an engine's faster equal. */
export type FillNormals = (out: Float32Array, address: NoiseAddress) => void;

export interface ColumnWriter {
  /** Draws the random numbers of all devices of one output. */
  readonly draw: (output: number) => void;
  /**
   * Replaces normalised target weights by what the devices hold.
   *
   * @param weights weights[at..] are those of inputs rowBegin..rowEnd of the drawn output
   * @param programmed if given, receives at the same place the weights before ageing
   */
  readonly write: (
    weights: Float32Array,
    at: number,
    rowBegin: number,
    rowEnd: number,
    programmed: Float32Array | null,
  ) => void;
}

export interface ColumnOptions {
  /** Normalised weight that takes the largest conductance. */
  readonly omega: number;
  /** Seed and matrix of the devices. */
  readonly address: { readonly seed: number; readonly matrix: number };
  readonly age_s: number;
  /** Conductances that a device can be programmed to, equidistant; left out: any. */
  readonly levels?: number;
  readonly faults?: StuckFaults;
  readonly fillNormals?: FillNormals;
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

/** @param inputs of the matrix */
export function createColumnWriter(
  device: DeviceModel,
  inputs: number,
  options: ColumnOptions,
): ColumnWriter {
  const { omega, address, age_s, levels, faults, fillNormals = fillNormalsHere } = options;
  const ageing = age_s > 0 && device.ageing !== null ? device.ageing(age_s) : null;
  const plus = emptyDevices(PLUS, inputs);
  const minus = emptyDevices(MINUS, inputs);
  const fill = (out: Float32Array, purpose: Purpose, output: number): void =>
    fillNormals(out, { ...address, block: 0, purpose, row: output });
  const fillDevices = (devices: Devices, output: number): void => {
    fill(devices.program, devices.purposes[0], output);
    if (ageing === null) return;
    fill(devices.drift, devices.purposes[1], output);
    fill(devices.read, devices.purposes[2], output);
  };
  const target = levels === undefined ? null : levelled(levels, omega);
  const hold = holder(device, ageing, omega, plus, minus);
  return {
    draw: (output) => {
      if (!device.exact) fillDevices(plus, output);
      if (device.encoding === "pair") fillDevices(minus, output);
      if (faults === undefined) return;
      plus.faults = drawFaults(faults, inputs, output, 0, address);
      minus.faults = drawFaults(faults, inputs, output, 1, address);
    },
    write: (weights, at, rowBegin, rowEnd, programmed) => {
      for (let k = rowBegin; k < rowEnd; k++) {
        const i = at + k - rowBegin;
        const wanted = target === null ? weights[i]! : target(weights[i]!);
        weights[i] = hold(wanted, k, programmed, i);
      }
    },
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
  return (weight) => roundHalfEven(weight / step) * step;
}

/** Target weight -> held weight, for the devices at row k; notes the programmed one at i. */
type Hold = (target: number, k: number, programmed: Float32Array | null, i: number) => number;

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
  return (target, k, programmed, i) => {
    let held = device.program(target * perWeight, plus.program[k]!) / perWeight;
    if (plus.faults !== null)
      held =
        orStuck(Math.max(held, 0), plus.faults, k, 0, omega) -
        orStuck(Math.max(-held, 0), minus.faults, k, 0, omega);
    if (programmed !== null) programmed[i] = held;
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
  return (target, k, programmed, i) => {
    const target_uS = zero_uS + target * perWeight;
    const stuck = (g_uS: number): number => orStuck(g_uS, devices.faults, k, gMin_uS, gMax_uS);
    const written_uS = device.program(target_uS, devices.program[k]!);
    if (programmed !== null) programmed[i] = (stuck(written_uS) - zero_uS) / perWeight;
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
  const perWeight = (gMax_uS - gMin_uS) / omega;
  const difference = (plus_uS: number, minus_uS: number, k: number): number =>
    (orStuck(plus_uS, plus.faults, k, gMin_uS, gMax_uS) -
      orStuck(minus_uS, minus.faults, k, gMin_uS, gMax_uS)) /
    perWeight;
  return (target, k, programmed, i) => {
    const plus_uS = gMin_uS + Math.max(0, target * perWeight);
    const minus_uS = gMin_uS + Math.max(0, -target * perWeight);
    const writtenPlus = device.program(plus_uS, plus.program[k]!);
    const writtenMinus = device.program(minus_uS, minus.program[k]!);
    if (programmed !== null) programmed[i] = difference(writtenPlus, writtenMinus, k);
    if (ageing === null) return difference(writtenPlus, writtenMinus, k);
    const nowPlus = ageing(plus_uS, writtenPlus, plus.drift[k]!, plus.read[k]!);
    const nowMinus = ageing(minus_uS, writtenMinus, minus.drift[k]!, minus.read[k]!);
    return difference(nowPlus, nowMinus, k);
  };
}
