/**
 * IR drop of a crossbar whose inputs are pulse widths: the wires are a ladder of resistors whose
 * sources switch with time.
 *
 * @source AIHWKIT 1.1.0, AnalogMVMIRDropT (Thevenin equivalents per segment), IOParametersIRDropT.
 */
import { roundHalfEven } from "../quantise.ts";
import { type LadderCell, ladderCurrent } from "./ladder.ts";
import { createQuantiser, quantise } from "./quantiser.ts";

export interface TimedIrDropParameters {
  readonly mv_type: "OnePass" | "SplitMode" | "BitWise";
  readonly inp_res: number;
  readonly inp_bound: number;
  readonly out_res: number;
  readonly out_bound: number;
  /** Multiplies the resistance of the wires; 0: none, and then an ideal product. */
  readonly ir_drop: number;
  /** Ohm of wire per cell. */
  readonly ir_drop_rs: number;
  readonly ir_drop_segments: number;
  readonly ir_drop_v_read: number;
  readonly split_mode_bit_shift: number;
  readonly time_step_resolution_scale: number;
  readonly adc_quantization: boolean;
  /** GHz. */
  readonly adc_frequency: number;
  /**
   * Charge as a plain sum of samples. Otherwise the reference's trapezoid, whose doubled first sample
   * adds half a step to every pulse: +4 % in SplitMode, +49 % in BitWise even without resistance.
   */
  readonly ir_drop_integration_sum: boolean;
}

/** The reference's defaults, but with the unbiased sum of samples. */
export const TIMED_IR_DROP_DEFAULTS: TimedIrDropParameters = {
  mv_type: "OnePass",
  inp_res: 254,
  inp_bound: 1,
  out_res: 254,
  out_bound: 10,
  ir_drop: 1,
  ir_drop_rs: 0.15,
  ir_drop_segments: 8,
  ir_drop_v_read: 0.4005,
  split_mode_bit_shift: 3,
  time_step_resolution_scale: 1,
  adc_quantization: true,
  adc_frequency: 6.24,
  ir_drop_integration_sum: true,
};

/** A crossbar of differential pairs with `rows` physical rows. */
export interface TimedCrossbar {
  /** [outputs][inputs] */
  readonly weights: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
  /** A multiple of the segments; inputs sit in the middle. */
  readonly rows: number;
  /** Conductance of the largest weight. */
  readonly gMax_uS: number;
}

/** Volts on the source lines: active, inactive and opposite. */
const V_HIGH = 0.6;
const V_IDLE = 0.4;
const V_LOW = 0.2;
/** What a full-scale input differs from idle by: 1 in units of the weight. */
const V_SIGNAL = 0.2;

/** One pass over time: whole-number pulse widths, in steps, and their significance. */
interface Pass {
  readonly pulses: Int32Array;
  readonly steps: number;
  readonly significance: number;
}

/**
 * y = W x of one vector, through the ladder. Evaluation only: no gradients.
 *
 * @returns [outputs]
 * @throws Error if rows are no multiple of the segments, or fewer than the inputs
 */
export function timedIrDropForward(
  p: TimedIrDropParameters,
  crossbar: TimedCrossbar,
  x: Float32Array,
): Float32Array {
  const { rows, inputs, outputs } = crossbar;
  if (rows % p.ir_drop_segments !== 0 || rows < inputs)
    throw new Error(`${rows} rows for ${inputs} inputs in ${p.ir_drop_segments} segments`);
  const dac = createQuantiser(p.inp_res, p.inp_bound);
  const adc = createQuantiser(p.out_res, p.out_bound);
  const codes = Int32Array.from(x, (value) => roundHalfEven(quantise(value, dac) / dac.step));
  const y = new Float32Array(outputs);
  for (const pass of passesOf(p, codes, dac.step)) {
    const part = p.ir_drop > 0 ? readPass(p, crossbar, pass) : idealPass(crossbar, pass);
    for (let o = 0; o < outputs; o++)
      y[o] = y[o]! + pass.significance * quantise(part[o]! * dac.step, adc);
  }
  return y;
}

function passesOf(p: TimedIrDropParameters, codes: Int32Array, step: number): readonly Pass[] {
  const levels = p.inp_bound / step;
  if (p.mv_type === "OnePass")
    return [
      {
        pulses: codes,
        steps: Math.floor((levels + 1) * p.time_step_resolution_scale),
        significance: 1,
      },
    ];
  const shift = p.mv_type === "BitWise" ? 1 : p.split_mode_bit_shift;
  const base = 2 ** shift;
  if (p.mv_type === "BitWise") {
    const bits = Math.ceil(Math.log2(levels + 1) - 1e-9);
    return Array.from({ length: bits }, (_, bit) => ({
      pulses: codes.map((code) => Math.trunc(code / 2 ** bit) % 2),
      steps: 2,
      significance: 2 ** bit,
    }));
  }
  const high = 2 ** Math.floor(Math.log2(2 * levels + 2) - shift - 1 + 1e-9);
  return [
    { pulses: codes.map((code) => code % base), steps: base, significance: 1 },
    { pulses: codes.map((code) => Math.trunc(code / base)), steps: high, significance: base },
  ];
}

function idealPass(crossbar: TimedCrossbar, { pulses }: Pass): Float32Array {
  const { weights, inputs, outputs } = crossbar;
  return Float32Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += weights[o * inputs + k]! * pulses[k]!;
    return sum;
  });
}

/** Charges of all columns, in units of weight times one step. */
function readPass(p: TimedIrDropParameters, crossbar: TimedCrossbar, pass: Pass): Float32Array {
  const { weights, inputs, outputs, rows, gMax_uS } = crossbar;
  const scale_uS = gMax_uS / weights.reduce((max, w) => Math.max(max, Math.abs(w)), 1e-7);
  const margin = Math.floor((rows - inputs) / 2);
  const y = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const cells = Array.from({ length: rows }, (_, row): LadderCell => {
      // ADCs sit on both sides: odd columns are read from the other end.
      const k = (o % 2 === 0 ? row : rows - 1 - row) - margin;
      const w = k >= 0 && k < inputs ? weights[o * inputs + k]! * scale_uS : 0;
      return { plus_uS: Math.max(w, 0), minus_uS: Math.max(-w, 0), pulse: pass.pulses[k] ?? 0 };
    });
    const charge = integrate(p, cells, pass.steps);
    y[o] = charge / scale_uS / V_SIGNAL;
  }
  return y;
}

/** Sum of the currents of all time steps, uA, at the end of the column. */
function integrate(p: TimedIrDropParameters, cells: readonly LadderCell[], steps: number): number {
  const wire_MOhm = (1e-6 * p.ir_drop * p.ir_drop_rs * cells.length) / p.ir_drop_segments;
  const volts = { high: V_HIGH, idle: V_IDLE, low: V_LOW, read: p.ir_drop_v_read };
  let sum = 0;
  let first = 0;
  let last = 0;
  for (let k = 0; k < steps; k++) {
    last = ladderCurrent(cells, p.ir_drop_segments, wire_MOhm, volts, k);
    if (k === 0) first = last;
    sum += last;
  }
  const charge = p.ir_drop_integration_sum ? sum : sum + first / 2 - last / 2;
  if (!p.adc_quantization) return charge;
  return (Math.trunc((charge / 100) * p.adc_frequency) * 100) / p.adc_frequency;
}
