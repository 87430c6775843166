/** What a run asks of its matrices: the same for every chip. */
import type { Use } from "../lowering/parts.ts";
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
  /** Units of each layer. */
  readonly layers: readonly (readonly Unit[])[];
}

export function collectUses(uses: readonly Use[], matrices: readonly WeightMatrix[]): PhaseUses {
  const byUnit = new Map<string, { ids: readonly number[]; tokens: number[] }>();
  for (const { ids, tokens } of uses) {
    const unit = byUnit.get(`${ids}`) ?? { ids, tokens: [] };
    unit.tokens.push(tokens);
    byUnit.set(`${ids}`, unit);
  }
  const profiles = createProfiles(matrices);
  const units = [...byUnit.values()].map(({ ids, tokens }) => ({
    ids,
    layer: matrices[ids[0]!]!.layer,
    profile: profiles.of(ids, tokens),
    parts: ids.length === 1 ? [] : ids.map((id) => profiles.of([id], tokens)),
  }));
  units.sort((a, b) => a.layer - b.layer);
  return { units, profiles: profiles.list, layers: byLayer(units) };
}

function byLayer(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const layers: Unit[][] = [];
  for (const unit of units) {
    layers[unit.layer + 1] ??= [];
    layers[unit.layer + 1]!.push(unit);
  }
  return Array.from(layers, (own) => own ?? []);
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
