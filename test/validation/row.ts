/**
 * How a row is gated. G1: exact (counts, closed forms). G2: within 2 % (sums of published rows).
 * G3: within 10 % (schedules, other programs' runs). G4: shown only.
 */
export type GateClass = "G1" | "G2" | "G3" | "G4";

/**
 * What agreement proves. `fitted`: the figure was used to set our constants, so arithmetic only.
 * `calibrated`: one constant was chosen so that this very result comes out.
 */
export type RowKind = "validated" | "fitted" | "calibrated" | "shown";

/** One published figure beside ours. */
export interface ValidationRow {
  /** Design and citation. */
  readonly anchor: string;
  readonly quantity: string;
  readonly unit: string;
  readonly published: number;
  /** Null: our model cannot express it; the remark says why. */
  readonly ours: number | null;
  /** Largest relative error; 0 is exact; null: shown, not gated. */
  readonly tolerance_frac: number | null;
  readonly gate: GateClass;
  readonly kind: RowKind;
  readonly remark: string;
}

interface RowOptions {
  readonly tolerance_frac?: number | null;
  readonly kind?: RowKind;
  readonly gate?: GateClass;
  readonly remark?: string;
}

export type RowOf = (
  quantity: string,
  unit: string,
  published: number,
  ours: number | null,
  options?: RowOptions,
) => ValidationRow;

/** Rows of one anchor, with the tolerance that most of them have. */
export function rowsOf(anchor: string, usual_frac: number | null): RowOf {
  return (quantity, unit, published, ours, options = {}) => {
    const { tolerance_frac = usual_frac, kind = "validated", remark = "" } = options;
    const gated = ours === null ? null : tolerance_frac;
    return {
      anchor,
      quantity,
      unit,
      published,
      ours,
      tolerance_frac: gated,
      gate: options.gate ?? gateOf(gated),
      kind: gated === null ? "shown" : kind,
      remark,
    };
  };
}

function gateOf(tolerance_frac: number | null): GateClass {
  if (tolerance_frac === null) return "G4";
  if (tolerance_frac === 0) return "G1";
  return tolerance_frac <= 0.02 ? "G2" : "G3";
}

/** (ours - published) / published; null where there is no figure of ours. */
export function error_frac({ ours, published }: ValidationRow): number | null {
  return ours === null ? null : ours / published - 1;
}
