/** Lanes that each do one multiply, add or compare per clock. */
export interface VectorUnit {
  readonly lanes: number;
  readonly clock_GHz: number;
}

/** Time of `opsPerElement` lane operations on each element; the last group of lanes may idle in part. */
export function vector_ns(unit: VectorUnit, elements: number, opsPerElement: number): number {
  return (Math.ceil(elements / unit.lanes) * opsPerElement) / unit.clock_GHz;
}
