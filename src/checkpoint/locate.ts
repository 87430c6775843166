/** Finds the tensor of a matrix or vector, and checks it against the shape that it must have. */
import type { Issue } from "../model/issue.ts";
import { weightDtypes } from "./dtypes.ts";
import { MXFP4_GROUP, MXFP4_GROUP_BYTES } from "./mxfp4.ts";
import { type Extent, type Place, storedRows, storedShape } from "./place.ts";
import { type StoredTensor, tensorPointer } from "./safetensors.ts";
import { findScale, isQuantised, keepsScales, type Scale } from "./scales.ts";

/** A place whose tensors are there and have the right shapes. */
export interface Source {
  readonly place: Place;
  readonly extent: Extent;
  readonly experts: number;
  /** The numbers; of MXFP4 the blocks. */
  readonly tensor: StoredTensor;
  readonly scale: Scale | null;
  /** Scales of MXFP4. */
  readonly groupScales: StoredTensor | null;
}

/** The tensors of a checkpoint, and what holds for all of them. */
export interface TensorSet {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly experts: number;
  readonly keepsScales: boolean;
}

export const tensorSet = (
  tensors: ReadonlyMap<string, StoredTensor>,
  experts: number,
): TensorSet => ({ tensors, experts, keepsScales: keepsScales(tensors.keys()) });

export type Located =
  | { readonly kind: "source"; readonly source: Source }
  | { readonly kind: "issue"; readonly issue: Issue };

const firstTensor = ({ tensor, encoding }: Place): string =>
  encoding === "mxfp4" ? `${tensor}_blocks` : tensor;

const show = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

const issue = (pointer: string, found: string, allowed: string): Located => ({
  kind: "issue",
  issue: { pointer, found, allowed },
});

/**
 * Takes the first place whose tensor exists.
 *
 * @param places never empty
 */
export function locate(set: TensorSet, places: readonly Place[], extent: Extent): Located {
  const place = places.find((candidate) => set.tensors.has(firstTensor(candidate)));
  if (place === undefined) return missing(places, extent, set.experts);
  return place.encoding === "mxfp4"
    ? locateMxfp4(set, place, extent)
    : locatePlain(set, place, extent);
}

function missing(places: readonly Place[], extent: Extent, experts: number): Located {
  const [first, ...others] = places;
  if (first === undefined) throw new Error("a parameter without a name");
  const shape = show(storedShape(first, extent, experts));
  const pointer = tensorPointer(firstTensor(first));
  const allowed = `a tensor of shape ${shape}`;
  if (others.length === 0) return issue(pointer, "no such tensor", allowed);
  const hint = `${others.map(firstTensor).join(" or ")} would do as well`;
  return { kind: "issue", issue: { pointer, found: "no such tensor", allowed, hint } };
}

function locatePlain(set: TensorSet, place: Place, extent: Extent): Located {
  const tensor = set.tensors.get(place.tensor)!;
  const wrong =
    wrongShape(tensor, storedShape(place, extent, set.experts)) ?? wrongDtype(tensor, weightDtypes);
  if (wrong !== null) return wrong;
  const scale = isQuantised(tensor) ? findScale(set.tensors, place, extent, set.experts) : null;
  if (scale !== null && "pointer" in scale) return { kind: "issue", issue: scale };
  if (scale === null && isQuantised(tensor) && set.keepsScales)
    return issue(
      tensorPointer(tensor.name),
      `${tensor.dtype} weights without a scale`,
      `a tensor ${tensor.name}_scale_inv or ${tensor.name}_scale, as other weights here have`,
    );
  return {
    kind: "source",
    source: { place, extent, experts: set.experts, tensor, scale, groupScales: null },
  };
}

/** Blocks [experts][rows][inputs / 32][16] and scales [experts][rows][inputs / 32], both bytes. */
function locateMxfp4(set: TensorSet, place: Place, extent: Extent): Located {
  const tensor = set.tensors.get(`${place.tensor}_blocks`)!;
  const groupScales = set.tensors.get(`${place.tensor}_scales`);
  const shape = [set.experts, storedRows(place, extent), extent.inputs / MXFP4_GROUP];
  if (groupScales === undefined)
    return issue(tensorPointer(`${place.tensor}_scales`), "no such tensor", `shape ${show(shape)}`);
  const wrong =
    wrongShape(tensor, [...shape, MXFP4_GROUP_BYTES]) ??
    wrongShape(groupScales, shape) ??
    wrongDtype(tensor, ["U8"]) ??
    wrongDtype(groupScales, ["U8"]);
  if (wrong !== null) return wrong;
  return {
    kind: "source",
    source: { place, extent, experts: set.experts, tensor, scale: null, groupScales },
  };
}

function wrongShape({ name, shape }: StoredTensor, expected: readonly number[]): Located | null {
  return shape.length === expected.length && shape.every((n, i) => n === expected[i])
    ? null
    : issue(tensorPointer(name, "/shape"), show(shape), `${show(expected)}, by the config`);
}

const wrongDtype = ({ name, dtype }: StoredTensor, allowed: readonly string[]): Located | null =>
  allowed.includes(dtype) ? null : issue(tensorPointer(name, "/dtype"), dtype, allowed.join(", "));
