import type { Template } from "./template.ts";

/** Where lowering puts its ops: into a graph, or into counts only. */
export interface Sink {
  /** What ops from now on belong to; -1 for embedding and LM head. */
  readonly setLayer: (layer: number) => void;
  /**
   * @param resource >= 0: a resource; < 0: a message over route ~resource
   * @param token number within the group, -1 for work on the whole group
   * @returns number of the op
   */
  readonly add: (opClass: number, resource: number, token: number) => number;
  /** `after` (the higher number) waits for `before`. */
  readonly depend: (before: number, after: number) => void;
  /**
   * Copies a template.
   * @param before op that brings each of its inputs
   * @returns number of its op 0
   */
  readonly stamp: (template: Template, before: ArrayLike<number>, token: number) => number;
}
