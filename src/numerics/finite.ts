/**
 * Fails on the first value that is not finite, so that no NaN travels on unseen.
 *
 * @param what what the values are, for the message
 * @param width elements of a row of the array, for the message
 */
export function requireFinite(values: Float32Array, what: string, width: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0)
      throw new Error(
        `${what} [${Math.floor(i / width)}][${i % width}] is ${value}; must be finite`,
      );
  }
}
