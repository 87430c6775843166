/** Runs a golden case through the analog forward pass. */
import { createAnalogForward } from "../../../src/numerics/periphery/forward.ts";
import type { Instance } from "../../../src/numerics/periphery/instance.ts";
import { IO_DEFAULTS, type IoParameters } from "../../../src/numerics/periphery/io-parameters.ts";
import { type Case, type Matrix, matrixOf } from "./golden.ts";

export const ioOf = (c: Case): IoParameters => ({ ...IO_DEFAULTS, ...c.forward });

export function forward(
  io: IoParameters,
  w: Matrix,
  x: Matrix,
  instance: Partial<Instance> = {},
): { readonly y: Float32Array; readonly rounds: number[] } {
  const crossbar = { outputs: w.rows, inputs: w.cols, weights: w.values, instance };
  const address = { seed: 1, matrix: 0, block: 0 };
  const { read } = createAnalogForward(io, { ...crossbar, address });
  const y = new Float32Array(x.rows * w.rows);
  const rounds: number[] = [];
  for (let row = 0; row < x.rows; row++) {
    const result = read(x.values.subarray(row * x.cols, (row + 1) * x.cols), row);
    y.set(result.y, row * w.rows);
    rounds.push(result.rounds);
  }
  return { y, rounds };
}

export function forwardCase(c: Case) {
  const instance = Object.fromEntries(
    Object.entries(c.forward_parameters ?? {}).map(([key, values]) => [
      key,
      Float32Array.from(values as number[]),
    ]),
  );
  return forward(ioOf(c), matrixOf(c.weights), matrixOf(c.inputs), instance);
}
