import { canFuse, compileGated, compileProduct, compileWeighted } from "./analog.ts";
import type { Delivery, ProductContext } from "./context.ts";
import { digitalProduct } from "./digital.ts";
import { createDispatch } from "./dispatch.ts";
import type { GatedIds } from "./plan.ts";
import { createProgramming, type Programming } from "./programming.ts";
import { createReduction, type Reduce } from "./reduction.ts";
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
  /** The same for several matrices that take the same inputs. */
  readonly products: (matrices: readonly number[], hub: number, x: Inputs) => readonly Delivery[];
  /** down(swiglu(gate x, up x)) for each input. */
  readonly gated: (ids: GatedIds, hub: number, x: Inputs) => Delivery;
  /** The same for one token, if all three are analog; else null. */
  readonly fusedTemplate: (ids: GatedIds, hub: number) => Template | null;
  /** The same, its results left at their tiles for `reduce`. */
  readonly weightedTemplate: (ids: GatedIds) => Template | null;
  /** Null if routers cannot add. */
  readonly reduce: Reduce | null;
  /** Copies analog templates that take one vector; returns the number of op 0 of each. */
  readonly stamp: (
    templates: readonly Template[],
    hub: number,
    before: number,
    token: number,
  ) => readonly number[];
  readonly programming: Programming;
}

export function createProducts(context: ProductContext, sink: Sink): Products {
  const work = createDigitalWork(context, sink);
  const programming = createProgramming(context, sink);
  const dispatch = createDispatch(context, sink);
  const { analog, matrices, placement } = context;
  const keyOf = templateKeys(context);

  const stamp: Products["stamp"] = (templates, hub, before, token) => {
    const arrivals = dispatch(templates, hub, before, token);
    return templates.map((template, i) => {
      const base = sink.stamp(template, arrivals[i]!, token);
      if (programming.isNeeded) programming.addReads(template, base);
      return base;
    });
  };

  const stampAll = (templates: readonly Template[], hub: number, x: Inputs): Delivery[] => {
    const bases = templates.map(() => new Int32Array(x.tokens.length));
    for (let i = 0; i < x.tokens.length; i++)
      stamp(templates, hub, x.ready[i]!, x.tokens[i]!).forEach((base, t) => {
        bases[t]![i] = base;
      });
    return templates.map(({ exits }, t) => ({ exits, base: bases[t]! }));
  };

  const products: Products["products"] = (ids, hub, x) => {
    const analogIds = ids.filter((matrix) => placement.targets[matrix] === "analog");
    const templates = analogIds.map((matrix) =>
      cached(context.productTemplates, keyOf(matrix), () => compileProduct(analog, matrix, hub)),
    );
    const deliveries = stampAll(templates, hub, x);
    return ids.map((matrix) => {
      const at = analogIds.indexOf(matrix);
      return at >= 0 ? deliveries[at]! : digitalProduct({ context, sink, work }, matrix, x.ready);
    });
  };
  const product: Products["product"] = (matrix, hub, x) => products([matrix], hub, x)[0]!;

  const fusedTemplate = ({ gate, up, down }: GatedIds, hub: number): Template | null => {
    if (!canFuse(analog.mapping, gate, up, down)) return null;
    return cached(context.gatedTemplates, keyOf(down), () =>
      compileGated(analog, { gate, up, down }, hub),
    );
  };

  const weightedTemplate = (ids: GatedIds): Template | null => {
    if (!canFuse(analog.mapping, ids.gate, ids.up, ids.down)) return null;
    return cached(context.weightedTemplates, keyOf(ids.down), () => compileWeighted(analog, ids));
  };

  const gated = (ids: GatedIds, hub: number, x: Inputs): Delivery => {
    const template = fusedTemplate(ids, hub);
    if (template !== null) return stampAll([template], hub, x)[0]!;
    const halves = products([ids.gate, ids.up], hub, x);
    const swiglu = work.vectorClass("swiglu", matrices[ids.gate]!.outputs);
    const ready = x.ready.map((_, i) => {
      const op = work.vector(swiglu, x.tokens[i]!);
      for (const half of halves) work.await(half, i, op);
      return op;
    });
    return product(ids.down, hub, { tokens: x.tokens, ready });
  };

  const reduce = createReduction(context, sink);
  return { product, products, gated, fusedTemplate, weightedTemplate, reduce, stamp, programming };
}

/**
 * A template belongs to a matrix and, where experts take turns, to the place that it is in now;
 * where an expert has copies, to the copy in use.
 */
function templateKeys({ analog, residency, copies }: ProductContext): (matrix: number) => number {
  const { slots, blockBegin } = analog.mapping;
  if (slots === null) return (matrix) => matrix * copies.most + copies.copyOf(matrix);
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
