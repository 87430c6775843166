import { InputError, type Issue } from "../model/issue.ts";
import type { Routing } from "../model/run.ts";
import { createBursts } from "./bursts.ts";
import { drawEachToken, type FillRandom, STREAMS } from "./choice-uniforms.ts";

export interface RoutingShape {
  readonly layers: number;
  readonly experts: number;
  /** Experts that a token is sent to. */
  readonly active_experts: number;
  /** Layers without experts. */
  readonly dense_layers: readonly number[];
  /** A token's experts come from `active_groups` of `groups` groups of consecutive experts. */
  readonly router: { readonly groups: number; readonly active_groups: number };
}

/**
 * Writes the experts of one token and layer, ascending and distinct.
 *
 * @param token number of the token within the run; the same address gives the same experts
 * @param into [active_experts]
 * @param sequence and position of the token, where choices depend on the tokens before; left out:
 *   all tokens are of one sequence
 */
export type ChooseExperts = (
  layer: number,
  token: number,
  into: Int32Array,
  sequence?: number,
  position?: number,
) => void;

/**
 * Makes the choice of experts.
 *
 * Drawn choices are taken one after the other without putting back, with probability proportional
 * to the weights of what is left: the k experts with the smallest exponential waiting times. Where
 * a model limits tokens to some groups of experts, these are drawn first, in the same way. Bursts
 * let the draw of an expert last for some tokens (`bursts.ts`).
 *
 * @source Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006.
 * @throws InputError for a trace that does not fit the model
 */
export function createRouting(
  routing: Routing,
  shape: RoutingShape,
  random: FillRandom,
): ChooseExperts {
  if (routing.kind === "trace") return fromTrace(routing, shape);
  const exponent = routing.kind === "uniform" ? 0 : routing.exponent;
  const { experts, active_experts, router } = shape;
  const chooseGroups = createGroupChoice(router.groups, router.active_groups);
  const draw = (routing.kind === "bursts" ? createBursts(routing.mean_tokens) : drawEachToken)(
    experts,
    router.active_groups < router.groups ? router.groups : 0,
    random,
  );
  const wait = new Float64Array(experts);
  const ratesOf = new Map<number, Float64Array>();
  return (layer, token, into, sequence = 0, position = token) => {
    const rates = ratesOf.get(layer) ?? zipfWeights(experts, exponent, layer, random);
    ratesOf.set(layer, rates);
    const uniforms = draw(layer, token, sequence, position);
    for (let e = 0; e < experts; e++) wait[e] = -Math.log1p(-uniforms.experts[e]!) / rates[e]!;
    chooseGroups(uniforms.groups, rates, wait);
    smallest(wait, active_experts, into);
  };
}

/** Makes the experts of all but the chosen groups wait for ever. */
function createGroupChoice(groups: number, active: number) {
  const wait = new Float64Array(groups);
  const chosen = new Int32Array(active);
  return (uniforms: Float32Array, rates: Float64Array, expertWait: Float64Array): void => {
    if (active >= groups) return;
    const size = rates.length / groups;
    for (let g = 0; g < groups; g++) {
      const rate = rates.subarray(g * size, g * size + size).reduce((sum, r) => sum + r, 0);
      wait[g] = -Math.log1p(-uniforms[g]!) / rate;
    }
    smallest(wait, active, chosen);
    for (let g = 0; g < groups; g++)
      if (!chosen.includes(g)) expertWait.fill(Infinity, g * size, g * size + size);
  };
}

/** Weight 1 / rank^s of each expert; which expert has which rank is drawn anew for each layer. */
export function zipfWeights(
  experts: number,
  exponent: number,
  layer: number,
  random: FillRandom,
): Float64Array {
  const keys = new Float32Array(experts);
  random(STREAMS * layer + 1, 0, keys);
  const ranking = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);
  const weights = new Float64Array(experts);
  ranking.forEach((expert, rank) => {
    weights[expert] = (rank + 1) ** -exponent;
  });
  return weights;
}

/** Indices of the k smallest values, ascending by index; ties go to the smaller index. */
function smallest(values: Float64Array, k: number, into: Int32Array): void {
  let filled = 0;
  for (let e = 0; e < values.length; e++) {
    if (filled === k && values[e]! >= values[into[k - 1]!]!) continue;
    let slot = filled < k ? filled++ : k - 1;
    for (; slot > 0 && values[into[slot - 1]!]! > values[e]!; slot--) into[slot] = into[slot - 1]!;
    into[slot] = e;
  }
  into.sort();
}

function fromTrace(trace: Extract<Routing, { kind: "trace" }>, shape: RoutingShape): ChooseExperts {
  const issues = traceIssues(trace, shape);
  if (issues.length > 0) throw new InputError(trace.name, issues);
  const k = shape.active_experts;
  return (layer, token, into) => {
    const row = trace.experts[layer]!;
    const begin = (token % (row.length / k)) * k;
    for (let i = 0; i < k; i++) into[i] = row[begin + i]!;
    into.sort();
  };
}

/** Everything that makes a trace one of another model; the first bad token of each layer. */
function traceIssues(
  { experts: layers }: Extract<Routing, { kind: "trace" }>,
  { layers: layerCount, experts, active_experts: k, dense_layers }: RoutingShape,
): Issue[] {
  if (layers.length !== layerCount)
    return [{ pointer: "", found: `${layers.length} layers`, allowed: `${layerCount} layers` }];
  const issues: Issue[] = [];
  layers.forEach((row, layer) => {
    if (dense_layers.includes(layer)) return;
    if (row.length === 0 || row.length % k !== 0)
      issues.push({
        pointer: `/${layer}`,
        found: `${row.length} expert choices`,
        allowed: `a multiple of ${k}, the experts that a token is sent to`,
      });
    const bad = firstBadToken(row, k, experts);
    if (bad >= 0)
      issues.push({
        pointer: `/${layer}/${bad}`,
        found: `experts ${row.slice(bad * k, bad * k + k).join(", ")}`,
        allowed: `${k} different whole numbers from 0 to ${experts - 1}`,
      });
  });
  return issues;
}

function firstBadToken(row: Int32Array, k: number, experts: number): number {
  for (let begin = 0; begin + k <= row.length; begin += k) {
    const chosen = row.subarray(begin, begin + k);
    if (new Set(chosen).size < k || chosen.some((e) => e < 0 || e >= experts)) return begin / k;
  }
  return -1;
}
