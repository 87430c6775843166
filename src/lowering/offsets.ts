/** Running sums, from 0. Shape [n + 1]. */
export function offsetsOf(sizes: Int32Array): Int32Array {
  const begin = new Int32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) begin[i + 1] = begin[i]! + sizes[i]!;
  return begin;
}
