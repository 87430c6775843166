import { routerAdd_pJ } from "../model/interconnect.ts";
import type { ProductContext } from "./context.ts";
import type { Sink } from "./sink.ts";
import type { Template, TemplateResult } from "./template.ts";

/**
 * Brings the results of a token's experts to the hub, added up on the way.
 *
 * @param templates with results that wait at their tiles, weighted
 * @param bases number of op 0 of each
 * @returns ops after which the sum is at the hub
 */
export type Reduce = (
  templates: readonly Template[],
  bases: readonly number[],
  hub: number,
  token: number,
) => Int32Array;

/**
 * Parts of the result that hold the same columns come together over the tree of routes from their
 * nodes, one message for all of them; it sets off when the last of them is ready.
 *
 * @returns null if the routers of the chip cannot add
 */
export function createReduction(context: ProductContext, sink: Sink): Reduce | null {
  if (routerAdd_pJ(context.arch.interconnect) === null) return null;
  const { ops, routes } = context;
  return (templates, bases, hub, token) => {
    const parts = new Map<string, { part: TemplateResult; nodes: Set<number>; before: number[] }>();
    templates.forEach(({ results }, t) => {
      for (const part of results) {
        const key = `${part.colBegin} ${part.elements}`;
        const known = parts.get(key) ?? { part, nodes: new Set<number>(), before: [] };
        known.nodes.add(part.node);
        known.before.push(bases[t]! + part.op);
        parts.set(key, known);
      }
    });
    return Int32Array.from(parts.values(), ({ part, nodes, before }) => {
      const adds = (before.length - 1) * part.elements;
      const { bytes } = part;
      const opClass =
        adds === 0 ? ops.messageClass(bytes) : ops.classOf({ kind: "message", bytes, adds });
      const op = sink.add(opClass, ~routes.reductionOf(hub, [...nodes]), token);
      for (const own of before) sink.depend(own, op);
      return op;
    });
  };
}
