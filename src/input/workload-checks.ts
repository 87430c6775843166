/** What the schema of workloads cannot say. */
import type { Issue } from "../model/issue.ts";
import { countParameters } from "../model/parameters.ts";
import type { Workload } from "../model/workload.ts";
import type { Check } from "./validate.ts";
import { appendToken } from "./wording.ts";

const checkDenseLayers: Check<Workload> = ({ layers, dense_layers, dense_features }) => {
  const issues: Issue[] = [];
  const seen = new Set<number>();
  dense_layers.forEach((layer, i) => {
    const pointer = appendToken("/dense_layers", i);
    if (layer >= layers)
      issues.push({ pointer, found: `${layer}`, allowed: `a layer from 0 to ${layers - 1}` });
    if (seen.has(layer))
      issues.push({ pointer, found: `${layer} a second time`, allowed: "each layer once" });
    seen.add(layer);
  });
  if (dense_layers.length > 0 && dense_features === 0)
    issues.push({
      pointer: "/dense_features",
      found: "0",
      allowed: "the width of the dense layers that dense_layers names",
    });
  if (seen.size >= layers)
    issues.push({
      pointer: "/dense_layers",
      found: `all ${layers} layers`,
      allowed: "at least one layer with experts",
    });
  return issues;
};

const checkRouting: Check<Workload> = ({ moe }) => {
  const { experts, active_experts, router } = moe;
  const issues: Issue[] = [];
  if (active_experts > experts)
    issues.push({
      pointer: "/moe/active_experts",
      found: `${active_experts}`,
      allowed: `at most the ${experts} experts of a layer`,
    });
  if (experts % router.groups !== 0)
    issues.push({
      pointer: "/moe/router/groups",
      found: `${router.groups}`,
      allowed: `a divisor of the ${experts} experts of a layer`,
    });
  if (router.active_groups > router.groups)
    issues.push({
      pointer: "/moe/router/active_groups",
      found: `${router.active_groups}`,
      allowed: `at most the ${router.groups} groups`,
    });
  else if (
    active_experts > (experts / router.groups) * router.active_groups &&
    active_experts <= experts
  )
    issues.push({
      pointer: "/moe/router/active_groups",
      found: `${router.active_groups} groups of ${experts / router.groups} experts`,
      allowed: `enough groups for ${active_experts} active experts`,
    });
  return issues;
};

const checkSharedExpert: Check<Workload> = ({ moe }) =>
  moe.shared_gate && moe.shared_features === 0
    ? [{ pointer: "/moe/shared_gate", found: "true", allowed: "false without a shared expert" }]
    : [];

const checkAttention: Check<Workload> = ({ attention }) => {
  if (attention.kind !== "heads") return [];
  const issues: Issue[] = [];
  if (attention.heads % attention.kv_heads !== 0)
    issues.push({
      pointer: "/attention/kv_heads",
      found: `${attention.kv_heads}`,
      allowed: `a divisor of the ${attention.heads} query heads`,
    });
  const hasWindow = attention.sliding_window_tokens !== undefined;
  if (hasWindow !== (attention.sliding_layers !== undefined))
    issues.push({
      pointer: hasWindow ? "/attention/sliding_layers" : "/attention/sliding_window_tokens",
      found: "nothing",
      allowed: "sliding_window_tokens and sliding_layers together, or neither",
    });
  return issues;
};

/** Keeps lists of matrices within memory, and counts of parameters exact in a double. */
const MOST_EXPERTS = 1e6;
const MOST_PARAMETERS = 1e15;

const checkSize: Check<Workload> = (workload) => {
  const experts = workload.layers * workload.moe.experts;
  if (experts > MOST_EXPERTS)
    return [
      {
        pointer: "/moe/experts",
        found: `${experts} routed experts in all layers`,
        allowed: `at most ${MOST_EXPERTS}`,
      },
    ];
  const { total } = countParameters(workload);
  if (total <= MOST_PARAMETERS) return [];
  return [{ pointer: "", found: `${total} parameters`, allowed: `at most ${MOST_PARAMETERS}` }];
};

/** Every check of a workload. */
export const workloadChecks: readonly Check<Workload>[] = [
  checkDenseLayers,
  checkRouting,
  checkSharedExpert,
  checkAttention,
  checkSize,
];
