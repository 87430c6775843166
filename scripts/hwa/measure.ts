/** What the study finds of one network; from the journal as far as it goes. */
import { join } from "node:path";
import { evaluationOf, openSubject } from "../../src/cli/training/open-subject.ts";
import type { Subject, Trained } from "../../src/cli/training/subject.ts";
import { trainSubject } from "../../src/cli/training/train-subject.ts";
import { normalisedAccuracy } from "../../src/training/metric/normalised-accuracy.ts";
import { type ValueOfError, valueOfError } from "../../src/training/tolerance/equal-error.ts";
import type { NonidealityName } from "../../src/training/tolerance/nonidealities.ts";
import {
  type AgedAccuracy,
  accuracyOverTime,
  ISO_AGE_S,
} from "../../src/training/trials/over-time.ts";
import {
  accuracyAtError,
  EQUAL_ERROR,
  type Sensitivity,
} from "../../src/training/trials/sensitivity.ts";
import {
  seedsTo,
  type Trials,
  toleranceOf,
  VERSIONS,
  type Version,
} from "../../src/training/trials/trials.ts";
import { type Journal, openJournal } from "../study/pool.ts";
import { journalTrials, MissingCell } from "./journal-trials.ts";
import { type Extent, type NetworkName, PLACEMENTS } from "./plan.ts";

/** A part of the study that stands for itself. The order is that of measuring. */
export const PARTS = ["time", "placement", "equal", "tolerance", "beside"] as const;
export type Part = (typeof PARTS)[number];

/** A version of a decoder with some experts digital. */
export interface Placed {
  readonly version: Version;
  readonly placement: string;
  readonly seeds: number;
  /** A* of each programming, after 1 hour. */
  readonly normalised: readonly number[];
}

export interface Findings {
  readonly name: NetworkName;
  readonly subject: Subject;
  readonly scale: Trials["scale"] | null;
  readonly overTime: readonly AgedAccuracy[];
  readonly sensitivities: readonly Sensitivity[];
  /** Tolerances beside the tile's other nonidealities, hardware-aware only. */
  readonly beside: readonly Sensitivity[];
  /** Of decoders; empty for others. */
  readonly placed: readonly Placed[];
}

export interface StudyNetwork {
  readonly measure: (part: Part) => Promise<void>;
  readonly findings: () => Promise<Findings>;
}

export interface StudyFolders {
  /** States of training. */
  readonly states: string;
  /** `NAME.jsonl` with every score. */
  readonly cells: string;
}

/** @param measures false: only what the journals hold */
export async function openStudyNetwork(
  name: NetworkName,
  extent: Extent,
  folders: StudyFolders,
  measures: boolean,
): Promise<StudyNetwork> {
  const subject = await openSubject(name, extent.change);
  const journal = openJournal(join(folders.cells, `${name}.jsonl`));
  const train = once(() => trained(subject, join(folders.states, name)));
  const trialsOf = (key: string, items?: number) =>
    once(() =>
      journalTrials(
        journal,
        key,
        measures ? async () => subject.openTrials(await train(), items) : null,
      ),
    );
  const whole = trialsOf("whole");
  const part = trialsOf("part", extent.evaluationItems(name));
  const values = (nonideality: NonidealityName) =>
    journaledValue(journal, subject, nonideality, measures);
  const own = { subject, extent, whole, part, values };
  return {
    measure: async (what) => {
      if (what === "time") await overTime(own);
      if (what === "placement") await placements(own);
      if (what === "tolerance") await tolerances(own, VERSIONS, "off");
      if (what === "equal") await atEqualError(own);
      if (what === "beside") await tolerances(own, ["hardware-aware"], "on");
    },
    findings: () => collect(name, own),
  };
}

interface Own {
  readonly subject: Subject;
  readonly extent: Extent;
  readonly whole: () => Promise<Trials>;
  readonly part: () => Promise<Trials>;
  readonly values: (name: NonidealityName) => ValueOfError | null;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

async function trained(subject: Subject, folder: string): Promise<Trained> {
  const options = { folder, resume: true, quiet: false, isStopped: () => false };
  return (await trainSubject(subject, options))!;
}

async function overTime({ subject, extent, whole }: Own): Promise<readonly AgedAccuracy[]> {
  const { ages_s } = evaluationOf(subject.spec);
  const plan = { seeds: extent.seeds.time, ages_s };
  return accuracyOverTime(await whole(), subject.tile, plan, () => {});
}

/** Placements are compared under the same seeds, so that what a seed does to all cancels. */
async function placements({ subject, extent, whole }: Own): Promise<Placed[]> {
  if (subject.spec.network.kind !== "checkpoint") return [];
  const { scale, error } = await whole();
  const found: Placed[] = [];
  for (const placement of PLACEMENTS)
    for (const version of VERSIONS) {
      const own = await unlessMissing(async () => {
        const normalised: number[] = [];
        for (const seed of seedsTo(extent.seeds.placement)) {
          const programming = { seed, age_s: ISO_AGE_S, placement };
          const value = await error(version, subject.tile, programming);
          normalised.push(normalisedAccuracy(value, scale));
        }
        return { version, placement, seeds: normalised.length, normalised };
      });
      if (own !== undefined) found.push(own);
    }
  return found;
}

async function tolerances(
  { subject, extent, part }: Own,
  versions: readonly Version[],
  others: "off" | "on",
): Promise<Sensitivity[]> {
  const found: Sensitivity[] = [];
  const trials = await part();
  for (const name of extent.names)
    for (const version of versions) {
      const own = { version, name, others, seeds: extent.seeds.tolerance, age_s: ISO_AGE_S };
      const tolerance = await unlessMissing(() => toleranceOf(trials, subject.tile, own));
      if (tolerance !== undefined) found.push({ ...own, tolerance, atEqualError: null });
    }
  return found;
}

async function atEqualError({ subject, extent, part, values }: Own): Promise<Sensitivity[]> {
  const found: Sensitivity[] = [];
  const trials = await part();
  for (const name of extent.names)
    for (const version of VERSIONS) {
      const own = { version, name, seeds: extent.seeds.equal, age_s: ISO_AGE_S };
      const atEqual = await unlessMissing(() =>
        accuracyAtError(trials, subject.tile, values(name), own),
      );
      if (atEqual !== undefined)
        found.push({ ...own, others: "off", tolerance: null, atEqualError: atEqual });
    }
  return found;
}

/** Where the standard product is off by as much; of the tile alone, but kept with each network. */
function journaledValue(
  journal: Journal,
  { tile, engine }: Subject,
  name: NonidealityName,
  measures: boolean,
): ValueOfError | null {
  const [value, error] = ["value", "error"].map((what) => journal.get(`equal|${name}|${what}`));
  if (value !== undefined && error !== undefined) return value < 0 ? null : { value, error };
  if (!measures) throw new MissingCell(name);
  const found = valueOfError(tile, name, EQUAL_ERROR, ISO_AGE_S, engine);
  journal.add(`equal|${name}|value`, found?.value ?? -1);
  journal.add(`equal|${name}|error`, found?.error ?? -1);
  return found;
}

/** undefined: the journal does not have it. */
async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MissingCell) return undefined;
    throw error;
  }
}

async function collect(name: NetworkName, own: Own): Promise<Findings> {
  const rows = (await unlessMissing(() => overTime(own))) ?? [];
  const found = (await unlessMissing(() => tolerances(own, VERSIONS, "off"))) ?? [];
  const equal = (await unlessMissing(() => atEqualError(own))) ?? [];
  const sensitivities = found.map((s) => ({
    ...s,
    atEqualError:
      equal.find((e) => e.name === s.name && e.version === s.version)?.atEqualError ?? null,
  }));
  const beside = (await unlessMissing(() => tolerances(own, ["hardware-aware"], "on"))) ?? [];
  const scale = (await unlessMissing(own.whole))?.scale ?? null;
  const placed = (await unlessMissing(() => placements(own))) ?? [];
  return { name, subject: own.subject, scale, overTime: rows, sensitivities, beside, placed };
}
