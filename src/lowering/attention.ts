import { type Delivery, ONE_EXIT, type TokenGroup } from "./context.ts";
import { lowerHeads } from "./heads.ts";
import type { LayerPlan } from "./plan.ts";
import type { Inputs } from "./product.ts";
import type { Tools } from "./tools.ts";
import type { DigitalWork } from "./work.ts";

/**
 * The attention block of one layer, from the normalised residual stream to the output projection.
 *
 * Projections go where the placement puts them; position, KV cache, scores, softmax and weighted
 * values are work of the digital cores, heads shared out over them.
 *
 * @param x normalised residual stream of every token of the group
 */
export function lowerAttention(
  tools: Tools,
  plan: LayerPlan,
  group: TokenGroup,
  x: Inputs,
): Delivery {
  const { workload } = tools.context;
  const arrivals =
    workload.attention.kind === "heads"
      ? projectHeads(tools, plan, x)
      : projectLatent(tools, plan, x);
  const ready = lowerHeads(tools, plan.layer, group, arrivals);
  return tools.products.product(plan.attention.o!, plan.hub, { tokens: x.tokens, ready });
}

type Triple = readonly [Delivery, Delivery, Delivery];

/** q, k and v; then the norm of q and k where the model has one. */
function projectHeads(
  { context, products, work }: Tools,
  plan: LayerPlan,
  x: Inputs,
): readonly Delivery[] {
  const attention = context.workload.attention;
  if (attention.kind !== "heads") throw new Error("not attention by heads");
  const ids = plan.attention;
  const [q, k, v] = products.products([ids.q!, ids.k!, ids.v!], plan.hub, x) as Triple;
  if (attention.qk_norm === "none") return [q, k, v];
  const features = (attention.heads + attention.kv_heads) * attention.head_features;
  return [afterVector(work, "rms-norm", features, [q, k], x), v];
}

/**
 * Latent attention in its absorbed form: the cache holds the compressed keys and values, and the
 * product with kv_b, whose halves act on queries before and on values after, is one product per
 * token and charged once, before.
 */
function projectLatent(
  { context, products, work }: Tools,
  plan: LayerPlan,
  x: Inputs,
): readonly Delivery[] {
  const attention = context.workload.attention;
  if (attention.kind !== "latent") throw new Error("not latent attention");
  const { attention: ids, hub } = plan;
  const first = ids.q ?? ids.q_a!;
  const [kv, query] = products.products([ids.kv_a!, first], hub, x) as readonly [
    Delivery,
    Delivery,
  ];
  const kvNorm = afterVector(work, "rms-norm", attention.kv_lora_features, [kv], x);
  const expanded = products.product(ids.kv_b!, hub, { tokens: x.tokens, ready: kvNorm.base });
  if (ids.q !== undefined) return [query, kvNorm, expanded];
  const qNorm = afterVector(work, "rms-norm", attention.q_lora_features, [query], x);
  const q = products.product(ids.q_b!, hub, { tokens: x.tokens, ready: qNorm.base });
  return [q, kvNorm, expanded];
}

/** One element-wise op per token, after several results. */
function afterVector(
  work: DigitalWork,
  fn: "rms-norm",
  elements: number,
  arrivals: readonly Delivery[],
  { tokens }: Inputs,
): Delivery {
  const opClass = work.vectorClass(fn, elements);
  const base = tokens.map((token, i) => {
    const op = work.vector(opClass, token);
    for (const arrival of arrivals) work.await(arrival, i, op);
    return op;
  });
  return { exits: ONE_EXIT, base };
}
