/** Rules that name matrices -> one target per matrix, and back. */
import { ALWAYS_DIGITAL, MODULES, type Part, type WeightMatrix } from "../model/matrix.ts";
import type { Placement, PlacementFile, PlacementRule, Target } from "../model/placement.ts";

/**
 * Applies the rules of a placement file, later ones over earlier ones.
 *
 * Modules that are always digital stay so, whatever the default and broad rules say.
 *
 * @returns one target per matrix, in the order of `matrices`
 */
export function resolvePlacement(
  { name, default: otherwise, rules, assignment, replicas }: PlacementFile,
  matrices: readonly WeightMatrix[],
): Placement {
  const targets: Target[] = matrices.map((m) => (isFree(m) ? otherwise : "digital"));
  for (const rule of rules) {
    const matches = matcherOf(rule);
    for (const [i, m] of matrices.entries()) if (isFree(m) && matches(m)) targets[i] = rule.target;
  }
  return { name, targets, ...(assignment && { assignment }), ...(replicas && { replicas }) };
}

const isFree = ({ module }: WeightMatrix): boolean => !ALWAYS_DIGITAL.includes(module);

/** Does a rule name a matrix? What the rule leaves out it does not ask about. */
export function matcherOf(rule: PlacementRule): (matrix: WeightMatrix) => boolean {
  const module = oneOf<string>(rule.module);
  const part = oneOf<string>(rule.part);
  const layer = oneOf<number>(rule.layer);
  const expert = oneOf<number>(rule.expert);
  return (m) => module(m.module) && part(m.part) && layer(m.layer) && expert(m.expert);
}

function oneOf<T>(wanted: T | T[] | undefined): (value: T) => boolean {
  if (wanted === undefined) return () => true;
  const set = new Set(Array.isArray(wanted) ? wanted : [wanted]);
  return (value) => set.has(value);
}

/**
 * The shortest-looking placement file that resolves to the given targets: the more frequent target
 * is the default, and rules list the rest by module, layer and expert.
 *
 * @param placement one target per matrix; always-digital modules digital
 */
export function placementFileOf(
  { name, targets, assignment, replicas }: Placement,
  matrices: readonly WeightMatrix[],
): PlacementFile {
  const free = matrices.filter(isFree);
  const analog = free.filter((m) => targets[m.id] === "analog").length;
  const otherwise: Target = 2 * analog >= free.length ? "analog" : "digital";
  const target: Target = otherwise === "analog" ? "digital" : "analog";
  const rules = MODULES.flatMap((module) => {
    const own = free.filter((m) => m.module === module);
    return rulesOf(
      own,
      own.filter((m) => targets[m.id] === target),
    ).map((rule): PlacementRule => ({ module, ...rule, target }));
  });
  return {
    format: "placement/1",
    name,
    default: otherwise,
    rules,
    ...(assignment && { assignment }),
    ...(replicas && { replicas: [...replicas] }),
  };
}

type Where = Pick<PlacementRule, "part" | "layer" | "expert">;

/** What sets the chosen matrices apart from all of their module. */
function rulesOf(all: readonly WeightMatrix[], chosen: readonly WeightMatrix[]): Where[] {
  if (chosen.length === 0) return [];
  if (chosen.length === all.length) return [{}];
  const whole = groupBy(all, (m) => m.layer);
  const layersOf = new Map<string, { readonly where: Where; readonly layers: number[] }>();
  for (const [layer, ofLayer] of groupBy(chosen, (m) => m.layer)) {
    for (const where of rulesOfLayer(whole.get(layer)!, ofLayer)) {
      const key = JSON.stringify(where);
      const known = layersOf.get(key);
      if (known) known.layers.push(layer);
      else layersOf.set(key, { where, layers: [layer] });
    }
  }
  return [...layersOf.values()].map(({ where, layers }) =>
    layers.length === whole.size ? where : { layer: oneOrMany(layers), ...where },
  );
}

/** One rule per set of experts, naming the parts that share the set. */
function rulesOfLayer(all: readonly WeightMatrix[], chosen: readonly WeightMatrix[]): Where[] {
  const parts = groupBy(all, (m) => m.part);
  const partsOf = new Map<string, { readonly experts: number[]; readonly parts: Part[] }>();
  for (const [part, ofPart] of groupBy(chosen, (m) => m.part)) {
    const experts = ofPart.map((m) => m.expert);
    const isWhole = experts.length === parts.get(part)!.length;
    const key = isWhole ? "all" : experts.join();
    const known = partsOf.get(key);
    if (known) known.parts.push(part);
    else partsOf.set(key, { experts: isWhole ? [] : experts, parts: [part] });
  }
  return [...partsOf.values()].map(({ experts, parts: named }) => ({
    ...(named.length === parts.size ? {} : { part: oneOrMany(named) }),
    ...(experts.length === 0 ? {} : { expert: oneOrMany(experts) }),
  }));
}

const oneOrMany = <T>(values: T[]): T | T[] => (values.length === 1 ? values[0]! : values);

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
