/** One published figure beside ours. */
export interface ValidationRow {
  /** Design and citation. */
  readonly anchor: string;
  readonly quantity: string;
  readonly unit: string;
  readonly published: number;
  readonly ours: number;
  /** Largest relative error; 0 is exact; null: shown, not gated. */
  readonly tolerance_frac: number | null;
  /** A fitted figure was used to set our constants, so it proves arithmetic only. */
  readonly fitted: boolean;
  readonly remark: string;
}

export type RowOf = (
  quantity: string,
  unit: string,
  published: number,
  ours: number,
  options?: Partial<Pick<ValidationRow, "tolerance_frac" | "fitted" | "remark">>,
) => ValidationRow;

/** Rows of one anchor, with the tolerance that most of them have. */
export function rowsOf(anchor: string, tolerance_frac: number | null): RowOf {
  return (quantity, unit, published, ours, options = {}) => ({
    anchor,
    quantity,
    unit,
    published,
    ours,
    tolerance_frac,
    fitted: false,
    remark: "",
    ...options,
  });
}

/** (ours - published) / published. */
export function error_frac({ ours, published }: ValidationRow): number {
  return ours / published - 1;
}
