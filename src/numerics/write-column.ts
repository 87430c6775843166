/** Programs and ages the devices of one output column. */
import type { Ageing, DeviceModel } from "./devices/device.ts";
import { fillNormals as fillNormalsHere, type NoiseAddress, type Purpose } from "./random.ts";

/** Standard normals of an address: `random.ts` or an engine's faster equal. */
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
  readonly fillNormals?: FillNormals;
}

/** A device of a weight: which normals are its own. */
interface DeviceNormals {
  readonly program: Float32Array;
  readonly drift: Float32Array;
  readonly read: Float32Array;
}

/** Standard normals of programming, drift and read of one of a weight's devices. */
type Purposes = readonly [Purpose, Purpose, Purpose];
const PLUS: Purposes = ["programming-plus", "drift-exponent-plus", "read-plus"];
const MINUS: Purposes = ["programming-minus", "drift-exponent-minus", "read-minus"];

/** @param inputs of the matrix */
export function createColumnWriter(
  device: DeviceModel,
  inputs: number,
  { omega, address, age_s, fillNormals = fillNormalsHere }: ColumnOptions,
): ColumnWriter {
  const ageing = age_s > 0 && device.ageing !== null ? device.ageing(age_s) : null;
  const plus = emptyNormals(inputs);
  const minus = emptyNormals(inputs);
  const fill = (out: Float32Array, purpose: Purpose, output: number): void =>
    fillNormals(out, { ...address, block: 0, purpose, row: output });
  const fillDevice = (normals: DeviceNormals, purposes: Purposes, output: number): void => {
    fill(normals.program, purposes[0], output);
    if (ageing === null) return;
    fill(normals.drift, purposes[1], output);
    fill(normals.read, purposes[2], output);
  };
  const hold = holder(device, ageing, omega, plus, minus);
  return {
    draw: (output) => {
      fillDevice(plus, PLUS, output);
      if (device.encoding === "pair") fillDevice(minus, MINUS, output);
    },
    write: (weights, at, rowBegin, rowEnd, programmed) => {
      for (let k = rowBegin; k < rowEnd; k++) {
        const i = at + k - rowBegin;
        weights[i] = hold(weights[i]!, k, programmed, i);
      }
    },
  };
}

function emptyNormals(inputs: number): DeviceNormals {
  return {
    program: new Float32Array(inputs),
    drift: new Float32Array(inputs),
    read: new Float32Array(inputs),
  };
}

/** Target weight -> held weight, for the devices at row k; notes the programmed one at i. */
type Hold = (target: number, k: number, programmed: Float32Array | null, i: number) => number;

function holder(
  device: DeviceModel,
  ageing: Ageing | null,
  omega: number,
  plus: DeviceNormals,
  minus: DeviceNormals,
): Hold {
  if (device.encoding === "pair") return pairHolder(device, ageing, omega, plus, minus);
  const signed = device.encoding === "signed";
  const perWeight = (device.gMax_uS - device.gMin_uS) / (signed ? omega : 2 * omega);
  const zero_uS = signed ? 0 : (device.gMax_uS + device.gMin_uS) / 2;
  return (target, k, programmed, i) => {
    const target_uS = zero_uS + target * perWeight;
    const written_uS = device.program(target_uS, plus.program[k]!);
    if (programmed !== null) programmed[i] = (written_uS - zero_uS) / perWeight;
    const now_uS =
      ageing === null ? written_uS : ageing(target_uS, written_uS, plus.drift[k]!, plus.read[k]!);
    return (now_uS - zero_uS) / perWeight;
  };
}

/** A differential pair: the device of the other sign is programmed to the lowest conductance. */
function pairHolder(
  device: DeviceModel,
  ageing: Ageing | null,
  omega: number,
  plus: DeviceNormals,
  minus: DeviceNormals,
): Hold {
  const perWeight = (device.gMax_uS - device.gMin_uS) / omega;
  return (target, k, programmed, i) => {
    const plus_uS = device.gMin_uS + Math.max(0, target * perWeight);
    const minus_uS = device.gMin_uS + Math.max(0, -target * perWeight);
    const writtenPlus = device.program(plus_uS, plus.program[k]!);
    const writtenMinus = device.program(minus_uS, minus.program[k]!);
    if (programmed !== null) programmed[i] = (writtenPlus - writtenMinus) / perWeight;
    if (ageing === null) return (writtenPlus - writtenMinus) / perWeight;
    const nowPlus = ageing(plus_uS, writtenPlus, plus.drift[k]!, plus.read[k]!);
    const nowMinus = ageing(minus_uS, writtenMinus, minus.drift[k]!, minus.read[k]!);
    return (nowPlus - nowMinus) / perWeight;
  };
}
