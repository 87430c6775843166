/** Trials whose every score goes to a journal, so that a study goes on where it was cut off. */
import { sha256OfValue } from "../../src/cli/hash.ts";
import type { Trials } from "../../src/training/trials/trials.ts";
import type { Journal } from "../study/pool.ts";

/** What a table asks of a journal that does not have it. */
export class MissingCell extends Error {}

/**
 * @param key name of the network and of what else the scores depend on
 * @param open null: nothing is measured, and what the journal lacks is a `MissingCell`
 */
export async function journalTrials(
  journal: Journal,
  key: string,
  open: (() => Promise<Trials>) | null,
): Promise<Trials> {
  let opened: Promise<Trials> | null = null;
  const trials = (): Promise<Trials> => {
    if (open === null) throw new MissingCell(key);
    opened ??= open();
    return opened;
  };
  const known = async (name: string, measure: (t: Trials) => Promise<number> | number) => {
    const value = journal.get(`${key}|${name}`);
    if (value !== undefined) return value;
    const measured = await measure(await trials());
    journal.add(`${key}|${name}`, measured);
    return measured;
  };
  return {
    scale: {
      digital: await known("digital", ({ scale }) => scale.digital),
      chance: await known("chance", ({ scale }) => scale.chance),
    },
    error: (version, tile, programming) => {
      const { seed, age_s, placement } = programming;
      const { numerics, input, output, crossbar } = tile;
      const on = sha256OfValue({ numerics, input, output, crossbar, placement }).slice(0, 12);
      return known(`${version}|${on}|${age_s}|${seed}`, (t) => t.error(version, tile, programming));
    },
  };
}
