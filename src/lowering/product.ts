import { canFuse, compileGated, compileProduct } from "./analog.ts";
import type { Delivery, LoweringContext } from "./context.ts";
import { digitalProduct } from "./digital.ts";
import type { GatedIds } from "./plan.ts";
import { createProgramming, type Programming } from "./programming.ts";
import type { Sink } from "./sink.ts";
import type { Template } from "./template.ts";
import { createDigitalWork } from "./work.ts";

/** Some tokens of the group, each with the op that brings its input to the hub. */
export interface Inputs {
  /** Number within the group. [n] */
  readonly tokens: Int32Array;
  /** [n] */
  readonly ready: Int32Array;
}

export interface Products {
  /** Wx for each input, in analog or digitally by placement. */
  readonly product: (matrix: number, hub: number, x: Inputs) => Delivery;
  /** down(swiglu(gate x, up x)) for each input. */
  readonly gated: (ids: GatedIds, hub: number, x: Inputs) => Delivery;
  /** The same for one token, if all three are analog; else null. */
  readonly fusedTemplate: (ids: GatedIds, hub: number) => Template | null;
  /** Copies an analog template; returns the number of its op 0. */
  readonly stamp: (template: Template, before: number, token: number) => number;
  readonly programming: Programming;
}

export function createProducts(context: LoweringContext, sink: Sink): Products {
  const work = createDigitalWork(context, sink);
  const programming = createProgramming(context, sink);
  const { analog, matrices, placement } = context;

  const keyOf = templateKeys(context);

  const stamp = (template: Template, before: number, token: number): number => {
    const base = sink.stamp(template, before, token);
    if (programming.isNeeded) programming.addReads(template, base);
    return base;
  };

  const stampAll = (template: Template, { tokens, ready }: Inputs): Delivery => {
    const base = new Int32Array(tokens.length);
    for (let i = 0; i < base.length; i++) base[i] = stamp(template, ready[i]!, tokens[i]!);
    return { exits: template.exits, base };
  };

  const product = (matrix: number, hub: number, x: Inputs): Delivery => {
    if (placement.targets[matrix] === "digital")
      return digitalProduct({ context, sink, work }, matrix, x.ready);
    const template = cached(context.productTemplates, keyOf(matrix), () =>
      compileProduct(analog, matrix, hub),
    );
    return stampAll(template, x);
  };

  const fusedTemplate = ({ gate, up, down }: GatedIds, hub: number): Template | null => {
    if (!canFuse(analog.mapping, gate, up, down)) return null;
    return cached(context.gatedTemplates, keyOf(down), () =>
      compileGated(analog, { gate, up, down }, hub),
    );
  };

  const gated = (ids: GatedIds, hub: number, x: Inputs): Delivery => {
    const template = fusedTemplate(ids, hub);
    if (template !== null) return stampAll(template, x);
    const gate = product(ids.gate, hub, x);
    const up = product(ids.up, hub, x);
    const swiglu = work.vectorClass("swiglu", matrices[ids.gate]!.outputs);
    const ready = x.ready.map((_, i) => {
      const op = work.vector(swiglu, x.tokens[i]!);
      work.await(gate, i, op);
      work.await(up, i, op);
      return op;
    });
    return product(ids.down, hub, { tokens: x.tokens, ready });
  };

  return { product, gated, fusedTemplate, stamp, programming };
}

/** A template belongs to a matrix and, where experts take turns, to the place that it is in now. */
function templateKeys({ analog, residency }: LoweringContext): (matrix: number) => number {
  const { slots, blockBegin } = analog.mapping;
  if (slots === null) return (matrix) => matrix;
  const { slotCount, crossbarsPerSlot } = slots;
  return (matrix) => {
    const crossbar = residency.crossbarOf(blockBegin[matrix]!);
    return matrix * (slotCount + 1) + Math.floor(crossbar / crossbarsPerSlot) + 1;
  };
}

function cached<T>(known: Map<number, T>, key: number, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
