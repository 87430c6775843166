/**
 * Scales of 8-bit weights, which are stored as a tensor beside them.
 *
 * `X_scale_inv` holds a factor for each block of 128 x 128 weights (DeepSeek-V3; the name says that
 * it is the inverse of what the weights were multiplied by when they were quantised). `X_scale`
 * holds one factor, or one for each output (compressed-tensors). Both multiply what is stored.
 * 8-bit weights without either are read as the plain numbers they are.
 *
 * @source DeepSeek-V3 repository, README_WEIGHTS.md; compressed-tensors documentation.
 */
import type { Issue } from "../model/issue.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { type Extent, type Place, storedRows } from "./place.ts";
import { type StoredTensor, tensorPointer } from "./safetensors.ts";

/** Side of a block that shares one factor. */
export const SCALE_BLOCK = 128;

export interface Scale {
  readonly tensor: StoredTensor;
  readonly kind: "blocks" | "rows" | "one";
}

/** Factors of the rows and columns of one matrix, fused ones included. */
export interface Factors {
  readonly values: Float32Array;
  readonly kind: Scale["kind"];
}

export const isQuantised = ({ dtype }: StoredTensor): boolean =>
  dtype === "F8_E4M3" || dtype === "I8";

const SUFFIXES = ["_scale_inv", "_scale"] as const;

/** Does the checkpoint keep scales beside its 8-bit weights? Then none may lack one. */
export const keepsScales = (names: Iterable<string>): boolean => {
  for (const name of names) if (/weight_scale(_inv)?$/.test(name)) return true;
  return false;
};

/** Allowed numbers of factors of one matrix, with what they mean. */
function kindsOf(suffix: (typeof SUFFIXES)[number], rows: number, inputs: number) {
  const blocks = Math.ceil(rows / SCALE_BLOCK) * Math.ceil(inputs / SCALE_BLOCK);
  return suffix === "_scale_inv"
    ? ([["blocks", blocks]] as const)
    : ([
        ["one", 1],
        ["rows", rows],
      ] as const);
}

/**
 * Finds the scale of a plain tensor.
 *
 * @returns the scale, null if there is none, or what is wrong with it
 */
export function findScale(
  tensors: ReadonlyMap<string, StoredTensor>,
  place: Place,
  extent: Extent,
  experts: number,
): Scale | null | Issue {
  const suffix = SUFFIXES.find((s) => tensors.has(place.tensor + s));
  if (suffix === undefined) return null;
  const tensor = tensors.get(place.tensor + suffix)!;
  const matrices = place.expert < 0 ? 1 : experts;
  const count = tensor.shape.reduce((product, n) => product * n, 1);
  const kinds = kindsOf(suffix, storedRows(place, extent), extent.inputs);
  const match = kinds.find(([, factors]) => factors * matrices === count);
  if (match !== undefined && place.order === "output-first") return { tensor, kind: match[0] };
  return {
    pointer: tensorPointer(tensor.name, "/shape"),
    found: `[${tensor.shape.join(", ")}]`,
    allowed: kinds.map(([kind, factors]) => `${factors * matrices} factors (${kind})`).join(" or "),
  };
}

/** Reads the factors of one matrix. */
export async function readFactors(
  { tensor, kind }: Scale,
  expert: number,
  experts: number,
): Promise<Factors> {
  const all = await decodeTensor(tensor);
  if (expert < 0) return { values: all, kind };
  const count = all.length / experts;
  return { values: all.subarray(expert * count, (expert + 1) * count), kind };
}

/**
 * Multiplies one row of weights by its factors, in place.
 *
 * @param row [inputs]
 * @param index of the row in its stored matrix
 */
export function scaleRow(row: Float32Array, index: number, { values, kind }: Factors): void {
  const blocksPerRow = Math.ceil(row.length / SCALE_BLOCK);
  const first = kind === "blocks" ? Math.floor(index / SCALE_BLOCK) * blocksPerRow : 0;
  const single = kind === "rows" ? values[index]! : values[0]!;
  for (let i = 0; i < row.length; i++)
    row[i]! *= kind === "blocks" ? values[first + Math.floor(i / SCALE_BLOCK)]! : single;
}
