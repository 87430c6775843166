/** Fails to compile when a case of a union is left out; throws if one slips through at run time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
