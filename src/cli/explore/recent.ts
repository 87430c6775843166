/**
 * Remembers the last values that were made: memory does not grow with the number of points.
 *
 * @param make called when the key is not among the last `kept`
 */
export function recent<Input, Value>(
  kept: number,
  make: (key: string, input: Input) => Value,
): (key: string, input: Input) => Value {
  const values = new Map<string, Value>();
  return (key, input) => {
    const value = values.has(key) ? (values.get(key) as Value) : make(key, input);
    // A key that is used moves to the end; the first one is the oldest.
    values.delete(key);
    values.set(key, value);
    if (values.size > kept) values.delete(values.keys().next().value as string);
    return value;
  };
}
