/** What a run asks of its matrices: the same for every chip. */
import type { GroupUse } from "../lowering/parts.ts";
import type { WeightMatrix } from "../model/matrix.ts";

/** One matrix, or one gated network, as the run uses it. */
export interface Unit {
  readonly ids: readonly number[];
  readonly layer: number;
  /** Of the whole unit. */
  readonly profile: number;
  /** Of a network: of each matrix alone, for mixed targets. */
  readonly parts: readonly number[];
}

/** Matrices of certain shapes that are used alike, for instance experts with as many tokens. */
export interface Profile {
  /** Matrices of the first unit that has it; the others are of the same shapes. */
  readonly ids: readonly number[];
  readonly shapes: string;
  /** Uses with that many tokens, and how many of them there are. */
  readonly uses: readonly { readonly tokens: number; readonly times: number }[];
}

/** The units of one phase, in the order of layers; those of the LM head come first. */
export interface PhaseUses {
  readonly units: readonly Unit[];
  readonly profiles: readonly Profile[];
  readonly chains: readonly LayerChain[];
}

/** What the last token of each group goes through in a layer; units here stand for one use. */
export interface LayerChain {
  /** The same in every group: as many tokens take the same matrices. */
  readonly fixed: readonly Unit[];
  /** Its experts. [groups] */
  readonly routed: readonly (readonly Unit[])[];
}

/** @param uses group by group */
export function collectUses(
  uses: readonly GroupUse[],
  matrices: readonly WeightMatrix[],
): PhaseUses {
  const profiles = createProfiles(matrices);
  const unitOf = (ids: readonly number[], tokens: readonly number[]): Unit => ({
    ids,
    layer: matrices[ids[0]!]!.layer,
    profile: profiles.of(ids, tokens),
    parts: ids.length === 1 ? [] : ids.map((id) => profiles.of([id], tokens)),
  });
  const tokensOf = new Map<string, { readonly ids: readonly number[]; readonly n: number[] }>();
  for (const { ids, tokens } of uses) {
    const all = tokensOf.get(`${ids}`) ?? { ids, n: [] };
    all.n.push(tokens);
    tokensOf.set(`${ids}`, all);
  }
  const units = Array.from(tokensOf.values(), ({ ids, n }) => unitOf(ids, n));
  units.sort((a, b) => a.layer - b.layer);
  return { units, profiles: profiles.list, chains: collectChains(uses, matrices, unitOf) };
}

/** By layer, those of the LM head first. */
function collectChains(
  uses: readonly GroupUse[],
  matrices: readonly WeightMatrix[],
  unitOf: (ids: readonly number[], tokens: readonly number[]) => Unit,
): readonly LayerChain[] {
  const groups = uses.reduce((most, { group }) => Math.max(most, group + 1), 0);
  const layers = matrices.reduce((most, { layer }) => Math.max(most, layer + 2), 0);
  const chains = Array.from({ length: layers }, () => ({
    fixed: [] as Unit[],
    routed: Array.from({ length: groups }, (): Unit[] => []),
  }));
  const known = new Map<string, Unit>();
  for (const { ids, tokens, group, hasLast } of uses) {
    const { layer, module } = matrices[ids[0]!]!;
    if (!hasLast || (group > 0 && module !== "expert")) continue;
    const key = `${ids} ${tokens}`;
    const unit = known.get(key) ?? unitOf(ids, [tokens]);
    known.set(key, unit);
    const chain = chains[layer + 1]!;
    (module === "expert" ? chain.routed[group]! : chain.fixed).push(unit);
  }
  return chains;
}

function createProfiles(matrices: readonly WeightMatrix[]) {
  const list: Profile[] = [];
  const numberOf = new Map<string, number>();
  return {
    list: list as readonly Profile[],
    of: (ids: readonly number[], tokens: readonly number[]): number => {
      const shapes = ids.map((id) => `${matrices[id]!.inputs}x${matrices[id]!.outputs}`).join();
      const times = new Map<number, number>();
      for (const n of tokens.toSorted((a, b) => a - b)) times.set(n, (times.get(n) ?? 0) + 1);
      const key = `${shapes} ${[...times].join(";")}`;
      const known = numberOf.get(key);
      if (known !== undefined) return known;
      numberOf.set(key, list.length);
      const uses = Array.from(times, ([n, count]) => ({ tokens: n, times: count }));
      return list.push({ ids, shapes, uses }) - 1;
    },
  };
}
