import { InputError, type Issue } from "../model/issue.ts";
import type { Workload } from "../model/workload.ts";

/** Families whose forward pass exists, and is checked against golden outputs of real checkpoints. */
export const FORWARD_FAMILIES = ["olmoe", "deepseek"] as const;

const HINT =
  "latency, energy and area can be evaluated for this model; leave out --checkpoint to skip accuracy";

/**
 * Refuses models that the forward pass would compute wrongly.
 *
 * @throws InputError naming everything about the model that the forward pass lacks
 */
export function requireSupported(workload: Workload): void {
  const issues = unsupported(workload);
  if (issues.length > 0) throw new InputError(`workload ${workload.name}`, issues);
}

/** What stands in the way of evaluating the accuracy of this model; empty: nothing. */
export function unsupported(workload: Workload): readonly Issue[] {
  const families: readonly string[] = FORWARD_FAMILIES;
  if (!families.includes(workload.family))
    return [
      {
        pointer: "/family",
        found: JSON.stringify(workload.family),
        allowed: `accuracy is available for ${families.join(", ")} only`,
        hint: HINT,
      },
    ];
  return features(workload)
    .filter(({ found, allowed }) => !allowed.includes(found))
    .map(({ pointer, found, allowed }) => ({
      pointer,
      found: JSON.stringify(found),
      allowed: `${allowed.map((value) => JSON.stringify(value)).join(" or ")} (for accuracy)`,
      hint: HINT,
    }));
}

type Value = string | number | boolean;
interface Feature {
  readonly pointer: string;
  readonly found: Value;
  readonly allowed: readonly Value[];
}

/** What the two families have in common; a model that differs is another family under their name. */
function features(workload: Workload): readonly Feature[] {
  const { attention, moe } = workload;
  const { router } = moe;
  const feature = (pointer: string, found: Value, ...allowed: Value[]): Feature => ({
    pointer,
    found,
    allowed,
  });
  return [
    feature("/activation", workload.activation, "silu"),
    feature("/norm/kind", workload.norm.kind, "rms"),
    feature("/head_bias", workload.head_bias, false),
    feature("/multipliers", workload.multipliers === undefined ? "none" : "given", "none"),
    feature("/moe/shared_gate", moe.shared_gate, false),
    feature("/moe/expert_bias", moe.expert_bias, false),
    feature("/moe/router/scoring", router.scoring, "softmax"),
    feature("/moe/router/renormalise", router.renormalise, false),
    feature("/moe/router/bias", router.bias, false),
    feature("/moe/router/selection_bias", router.selection_bias, false),
    feature("/moe/router/scale", router.scale, 1),
    feature("/moe/router/groups", router.groups, 1),
    feature("/attention/kind", attention.kind, "heads"),
    ...(attention.kind === "heads"
      ? [
          feature("/attention/qk_norm", attention.qk_norm, "none", "full"),
          feature("/attention/qkv_bias", attention.qkv_bias, false),
          feature("/attention/output_bias", attention.output_bias, false),
          feature("/attention/sinks", attention.sinks, false),
          feature(
            "/attention/sliding_layers",
            attention.sliding_layers === undefined ? "none" : "given",
            "none",
          ),
          feature(
            "/attention/head_features",
            attention.head_features % 2 === 0 ? "even" : "odd",
            "even",
          ),
        ]
      : []),
  ];
}

/** The attention of a supported model. */
export function headAttention(workload: Workload): Workload["attention"] & { kind: "heads" } {
  const { attention } = workload;
  if (attention.kind !== "heads") throw new Error("latent attention has no forward pass");
  return attention;
}
