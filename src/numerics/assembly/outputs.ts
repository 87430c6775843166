/** The output side of a crossbar: from raw sums over IR drop, noise and ADC to scaled results. */
import { normals } from "./random";

/** Constants of one block, written by the caller as 32-bit words in this order. */
@unmanaged
class Converter {
  /** Value of 1 in the sums. */
  unit: f32;
  /** IR drop: scale, 0 for none; share lost per unit of current. */
  irDrop: f32;
  perCurrent: f32;
  /** Noise: standard deviation, or its square and what the energy adds to that. */
  sigma: f32;
  variance: f32;
  perEnergy: f32;
  /** ADC: codes on each side (0: no rounding), full scale (0: no ADC), code per value, value per code. */
  levels: f32;
  bound: f32;
  perValue: f32;
  step: f32;
  /** Are there sums in int32 (1) or float32 (0)? */
  integer: i32;
  /** Address of the noise. */
  matrix: u32;
  stream: u32;
  key0: u32;
  key1: u32;
}

// @ts-ignore: decorator
@inline
function floats(at: usize, integer: bool): v128 {
  const raw = v128.load(at);
  return integer ? f32x4.convert_i32x4_s(raw) : raw;
}

/**
 * Finishes rows of raw sums and adds the results to y.
 *
 * The operations and their order are those of `../engines/reference.ts`.
 *
 * @param rowIds [rows] u32: row addresses of the noise
 * @param sums, currents, placed, energies [rows][stride bytes]; sums is overwritten
 * @param ranges [rows]: full scale of the inputs; a row of range 0 adds nothing, not even noise
 * @param scale [columns up to the next multiple of 8], 0 beyond columns
 * @param y [rows][yStride bytes]; up to the next multiple of 8 columns are touched
 * @param scratch float32 [columns up to the next multiple of 32]
 */
export function finishRows(
  converter: usize, rows: i32, columns: i32, rowIds: usize,
  sums: usize, currents: usize, placed: usize, energies: usize, stride: usize,
  ranges: usize, scale: usize, y: usize, yStride: usize, scratch: usize,
): void {
  const c = changetype<Converter>(converter);
  const end = <usize>((columns + 3) & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    const range = load<f32>(ranges + (<usize>row << 2));
    if (range > 0) {
      const at = <usize>row * stride;
      toValues(c, sums + at, end);
      if (c.irDrop > 0) dropIr(c, sums + at, currents + at, placed + at, end);
      if (c.sigma > 0 || c.perEnergy > 0) {
        const id = load<u32>(rowIds + (<usize>row << 2));
        normals(scratch, 0, columns, id, c.matrix, c.stream, c.key0, c.key1);
        if (c.perEnergy > 0) addReadNoise(c, sums + at, energies + at, scratch, end);
        else addNoise(c, sums + at, scratch, end);
      }
      if (c.bound > 0) convert(c, sums + at, end);
      addScaled(sums + at, range, scale, y + <usize>row * yStride, end);
    }
  }
}

function toValues(c: Converter, sums: usize, end: usize): void {
  const unit = f32x4.splat(c.unit);
  const integer = c.integer != 0;
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(sums + i, f32x4.mul(floats(sums + i, integer), unit));
  }
}

function dropIr(c: Converter, sums: usize, currents: usize, placed: usize, end: usize): void {
  const unit = f32x4.splat(c.unit), perCurrent = f32x4.splat(c.perCurrent);
  const scale = f32x4.splat(c.irDrop);
  const integer = c.integer != 0;
  for (let i: usize = 0; i < end; i += 16) {
    const a = f32x4.mul(floats(currents + i, integer), perCurrent);
    let share = f32x4.sub(f32x4.mul(f32x4.splat(0.05), a), f32x4.splat(0.2));
    share = f32x4.mul(a, f32x4.add(f32x4.mul(a, share), f32x4.splat(0.5)));
    const lost = f32x4.mul(f32x4.mul(share, scale), f32x4.mul(floats(placed + i, integer), unit));
    v128.store(sums + i, f32x4.sub(v128.load(sums + i), lost));
  }
}

function addNoise(c: Converter, sums: usize, z: usize, end: usize): void {
  const sigma = f32x4.splat(c.sigma);
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(sums + i, f32x4.add(v128.load(sums + i), f32x4.mul(sigma, v128.load(z + i))));
  }
}

function addReadNoise(c: Converter, sums: usize, energies: usize, z: usize, end: usize): void {
  const perEnergy = f32x4.splat(c.perEnergy), variance = f32x4.splat(c.variance);
  const integer = c.integer != 0;
  for (let i: usize = 0; i < end; i += 16) {
    const energy = f32x4.mul(floats(energies + i, integer), perEnergy);
    const sigma = f32x4.sqrt(f32x4.add(energy, variance));
    v128.store(sums + i, f32x4.add(v128.load(sums + i), f32x4.mul(sigma, v128.load(z + i))));
  }
}

function convert(c: Converter, sums: usize, end: usize): void {
  if (c.levels == 0) {
    const top = f32x4.splat(c.bound), bottom = f32x4.splat(-c.bound);
    for (let i: usize = 0; i < end; i += 16) {
      v128.store(sums + i, f32x4.pmax(bottom, f32x4.pmin(top, v128.load(sums + i))));
    }
    return;
  }
  const top = f32x4.splat(c.levels), bottom = f32x4.splat(-c.levels);
  const perValue = f32x4.splat(c.perValue), step = f32x4.splat(c.step);
  for (let i: usize = 0; i < end; i += 16) {
    const code = f32x4.nearest(f32x4.mul(v128.load(sums + i), perValue));
    v128.store(sums + i, f32x4.mul(f32x4.pmax(bottom, f32x4.pmin(top, code)), step));
  }
}

function addScaled(sums: usize, range: f32, scale: usize, y: usize, end: usize): void {
  const ranges = f32x4.splat(range);
  for (let i: usize = 0; i < end; i += 16) {
    const result = f32x4.mul(f32x4.mul(v128.load(sums + i), ranges), v128.load(scale + i));
    v128.store(y + i, f32x4.add(v128.load(y + i), result));
  }
}
