import { InputError, type Issue } from "../../src/model/issue.ts";
import { loadJson } from "../workloads/load.ts";

/** JSON that a test may change at will. */
export type Json = { [field: string]: Json } & { [index: number]: Json };

/** The default chip, as a value to break. */
export const someArch = (): Json => structuredClone(loadJson("arch/hetero-pcm.json")) as Json;

/** The shape of a small model with shared experts and a dense layer, as a value to break. */
export const someWorkload = (): Json =>
  structuredClone(loadJson("workloads/tiny-deepseekmoe.json")) as Json;

/** The issues that a parser throws; fails the test for any other error. */
export function issuesOf(parse: () => unknown): readonly Issue[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof InputError) return error.issues;
    throw error;
  }
  return [];
}

/** Replaces the value at a JSON pointer. */
export function withValue(root: Json, pointer: string, value: unknown): Json {
  const tokens = pointer.split("/").slice(1);
  const last = tokens.pop()!;
  let node: Json = root;
  for (const token of tokens) node = node[token]!;
  (node as Record<string, unknown>)[last] = value;
  return root;
}
