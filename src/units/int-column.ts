/** A column of whole numbers that grows; the numbers lie in one typed array. */
export interface IntColumn {
  readonly size: () => number;
  readonly push: (value: number) => void;
  readonly at: (index: number) => number;
  /** What is there now, without a copy; stays as it is when the column grows. */
  readonly view: () => Int32Array;
}

export function createIntColumn(capacity = 1024): IntColumn {
  let values = new Int32Array(capacity);
  let size = 0;
  return {
    size: () => size,
    push: (value) => {
      if (size === values.length) {
        const longer = new Int32Array(2 * size);
        longer.set(values);
        values = longer;
      }
      values[size++] = value;
    },
    at: (index) => values[index]!,
    view: () => values.subarray(0, size),
  };
}
