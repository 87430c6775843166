/** From levels to what is evaluated: the base with the values of a point in it. */

import { replaceAt, tokensOf } from "./pointer.ts";
import type { Levels } from "./points.ts";
import type { Space } from "./space.ts";

/** What points start from. */
export interface Base {
  /** A resolved arch file, not yet checked. */
  readonly arch: unknown;
  /** The same by name, for variables that point to `/arch`. */
  readonly archs: Readonly<Record<string, unknown>>;
  /** Every option of a run, defaults included. */
  readonly run: Readonly<Record<string, unknown>>;
  readonly placement: string;
}

export interface ResolvedPoint {
  readonly arch: unknown;
  readonly run: Readonly<Record<string, unknown>>;
  /** As on the command line. */
  readonly placement: string;
  /** Equal where the parts are: what has been made from one serves the other. */
  readonly keys: { readonly arch: string; readonly run: string };
}

interface Change {
  readonly pointer: string;
  readonly value: unknown;
}

export type Resolver = (levels: Levels) => ResolvedPoint;

export function createResolver({ variables }: Pick<Space, "variables">, base: Base): Resolver {
  const touches = (root: string): readonly number[] =>
    variables.flatMap(({ pointers }, v) =>
      pointers.some((p) => tokensOf(p)[0] === root) ? [v] : [],
    );
  const ofArch = touches("arch");
  const ofRun = touches("run");
  const keyOf = (own: readonly number[], levels: Levels): string =>
    own.map((v) => levels[v]).join();
  return (levels) => {
    const document = changesOf(variables, levels).reduce(
      (resolved, change) => apply(base, resolved, change),
      { arch: base.arch, run: base.run, placement: base.placement },
    );
    return { ...document, keys: { arch: keyOf(ofArch, levels), run: keyOf(ofRun, levels) } };
  };
}

/** Outer fields first, so that `/arch` does not undo what changes a part of it. */
export function changesOf(variables: Space["variables"], levels: Levels): readonly Change[] {
  const changes = variables.flatMap(({ pointers, assigned }, v) =>
    pointers.map((pointer, p) => ({ pointer, value: assigned[levels[v]!]![p] })),
  );
  const depth = ({ pointer }: Change): number => tokensOf(pointer).length;
  return changes.sort((a, b) => depth(a) - depth(b));
}

type Document = Omit<ResolvedPoint, "keys">;

function apply({ archs }: Base, document: Document, { pointer, value }: Change): Document {
  switch (pointer) {
    case "/arch":
      return { ...document, arch: archs[String(value)] };
    case "/placement":
      return { ...document, placement: String(value) };
    case "/placement/strategy":
      return { ...document, placement: joined(String(value), partsOf(document.placement)[1]) };
    case "/placement/fraction":
      return { ...document, placement: joined(partsOf(document.placement)[0], String(value)) };
    default:
      return replaceAt(document, tokensOf(pointer), value) as Document;
  }
}

const partsOf = (placement: string): readonly [string, string | undefined] => {
  const colon = placement.indexOf(":");
  if (colon < 0) return [placement, undefined];
  return [placement.slice(0, colon), placement.slice(colon + 1)];
};

const joined = (strategy: string, fraction: string | undefined): string =>
  fraction === undefined ? strategy : `${strategy}:${fraction}`;
