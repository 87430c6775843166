/** Current at the end of a bit line: segments of cells joined by wire, as Thevenin equivalents. */

/** A differential pair on a row, and for how many time steps its input is on. */
export interface LadderCell {
  readonly plus_uS: number;
  readonly minus_uS: number;
  /** Signed: its sign says which of the pair is driven high. */
  readonly pulse: number;
}

/** Volts of source lines and of the ADC's input. */
export interface LadderVolts {
  readonly high: number;
  readonly idle: number;
  readonly low: number;
  readonly read: number;
}

/** Keeps an empty segment from being a short division by zero. */
const LEAK_US = 1e-12;

/**
 * @param cells from the far end to the ADC
 * @param wire_MOhm between segments
 * @param step whole-number time: inputs with longer pulses are on
 * @returns uA
 * @source AIHWKIT 1.1.0, thev_equiv: from the far end on, each segment's source and conductance in
 *   parallel with what came before it behind one piece of wire; half a piece to the ADC.
 */
export function ladderCurrent(
  cells: readonly LadderCell[],
  segments: number,
  wire_MOhm: number,
  volts: LadderVolts,
  step: number,
): number {
  const width = cells.length / segments;
  let r_MOhm = 0;
  let v = 0;
  for (let s = 0; s < segments; s++) {
    let g_uS = LEAK_US;
    let current_uA = 0;
    for (let i = s * width; i < (s + 1) * width; i++) {
      const { plus_uS, minus_uS, pulse } = cells[i]!;
      const on = Math.abs(pulse) > step;
      const up = on === false ? volts.idle : pulse > 0 ? volts.high : volts.low;
      const down = on === false ? volts.idle : pulse > 0 ? volts.low : volts.high;
      g_uS += plus_uS + minus_uS;
      current_uA += up * plus_uS + down * minus_uS;
    }
    const own_MOhm = 1 / g_uS;
    const own = current_uA / g_uS;
    if (s === 0) {
      r_MOhm = own_MOhm;
      v = own;
      continue;
    }
    const far_MOhm = r_MOhm + wire_MOhm;
    r_MOhm = (far_MOhm * own_MOhm) / (far_MOhm + own_MOhm);
    v = (v / far_MOhm + own / own_MOhm) * r_MOhm;
  }
  return (v - volts.read) / (r_MOhm + wire_MOhm / 2);
}
