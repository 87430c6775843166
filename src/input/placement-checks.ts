/** What the schema of placements cannot say: whether a rule fits the workload. */
import type { Issue } from "../model/issue.ts";
import { ALWAYS_DIGITAL, type WeightMatrix } from "../model/matrix.ts";
import type { PlacementFile, PlacementRule } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import { matcherOf } from "./placement-rules.ts";
import { appendToken, listOr } from "./wording.ts";

/**
 * Issues of one rule.
 *
 * @param at pointer of the rule
 */
export function ruleIssues(
  rule: PlacementRule,
  at: string,
  matrices: readonly WeightMatrix[],
  { layers, moe }: { readonly layers: number; readonly moe: Pick<Workload["moe"], "experts"> },
): Issue[] {
  const issues = [
    ...indexIssues(`${at}/layer`, "layer", rule.layer, layers),
    ...indexIssues(`${at}/expert`, "expert", rule.expert, moe.experts),
    ...moduleIssues(`${at}/module`, rule),
  ];
  return issues.length > 0 ? issues : effectIssues(at, rule, matrices);
}

/** Issues of copies of experts: of experts that there are not, or asked for twice. */
export function replicaIssues(
  { replicas = [] }: Pick<PlacementFile, "replicas">,
  { layers, dense_layers, moe }: Pick<Workload, "layers" | "dense_layers" | "moe">,
): Issue[] {
  const seen = new Set<string>();
  return replicas.flatMap(({ layer, expert }, i) => {
    const at = `/replicas/${i}`;
    const issues = [
      ...indexIssues(`${at}/layer`, "layer", layer, layers),
      ...indexIssues(`${at}/expert`, "expert", expert, moe.experts),
    ];
    if (dense_layers.includes(layer))
      issues.push({ pointer: `${at}/layer`, found: `${layer}`, allowed: "a layer with experts" });
    if (seen.has(`${layer} ${expert}`))
      issues.push({
        pointer: at,
        found: `layer ${layer}, expert ${expert} a second time`,
        allowed: "each expert once",
      });
    seen.add(`${layer} ${expert}`);
    return issues;
  });
}

/** An item of a field that holds one value or an array of them, with its pointer. */
function itemsOf<T>(pointer: string, value: T | T[] | undefined): [string, T][] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [[pointer, value]];
  return value.map((item, i) => [appendToken(pointer, i), item]);
}

function indexIssues(
  pointer: string,
  what: string,
  value: number | number[] | undefined,
  size: number,
): Issue[] {
  return itemsOf(pointer, value)
    .filter(([, index]) => index >= size)
    .map(([place, index]) => ({
      pointer: place,
      found: `${index}`,
      allowed: `${what === "layer" ? "a layer" : "an expert"} from 0 to ${size - 1}`,
    }));
}

function moduleIssues(pointer: string, { module, target }: PlacementRule): Issue[] {
  if (target === "digital") return [];
  return itemsOf(pointer, module)
    .filter(([, name]) => ALWAYS_DIGITAL.includes(name))
    .map(([place, name]) => ({
      pointer: place,
      found: `"${name}" on analog tiles`,
      allowed: `other modules: ${listOr(ALWAYS_DIGITAL)} always run on digital cores`,
    }));
}

function effectIssues(at: string, rule: PlacementRule, matrices: readonly WeightMatrix[]): Issue[] {
  const named = matrices.filter(matcherOf(rule));
  if (named.length === 0)
    return [
      {
        pointer: at,
        found: "a rule that names no matrix of the workload",
        allowed: "a rule that names at least one",
      },
    ];
  if (rule.target === "digital" || named.some((m) => !ALWAYS_DIGITAL.includes(m.module))) return [];
  const modules = listOr([...new Set(named.map((m) => m.module))]);
  return [
    {
      pointer: `${at}/target`,
      found: `"analog" for matrices of ${modules} only`,
      allowed: `"digital": ${listOr(ALWAYS_DIGITAL)} always run on digital cores`,
    },
  ];
}
