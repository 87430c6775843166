/** An exploration from space to front: search, survivors, what was found. */
import { join } from "node:path";
import { buildExploration } from "../../explore/exploration.ts";
import { selectBest } from "../../explore/pareto.ts";
import type { Point } from "../../explore/points.ts";
import type { PointRow } from "../../explore/row.ts";
import { createSearch } from "../../explore/search/index.ts";
import type { Search } from "../../explore/search/search.ts";
import { levelsOfRow, type Space } from "../../explore/space.ts";
import { createFailureTally, createStageTally } from "../../explore/tally.ts";
import type { Exploration } from "../../model/exploration.ts";
import type { SweepStage } from "../../model/sweep.ts";
import type { EvaluationEngine } from "./engine.ts";
import type { PointTask } from "./evaluate-point.ts";
import { JOURNAL, type Journal, openJournal } from "./journal.ts";
import { startMeter } from "./meter.ts";
import type { OpenedSpace } from "./open-space.ts";
import { readJournal } from "./read-journal.ts";
import { runStage, type Stage } from "./run-stage.ts";

export interface ExploreSettings {
  readonly out: string;
  readonly quiet: boolean;
  /** True once the user wants to stop. */
  readonly isStopped: () => boolean;
}

type Tallies = ReturnType<typeof createTallies>;

function createTallies({ objectives }: Space) {
  const stages = {
    screening: createStageTally(objectives),
    survivor: createStageTally(objectives),
  };
  const failures = createFailureTally();
  return { ...stages, failures, add: (row: PointRow) => addRow(stages, failures, row) };
}

function addRow(
  stages: Readonly<Record<SweepStage, ReturnType<typeof createStageTally>>>,
  failures: ReturnType<typeof createFailureTally>,
  row: PointRow,
): void {
  const tally = stages[row.stage];
  if (tally.has(row.index)) return;
  tally.add(row);
  failures.add(row);
}

/**
 * Evaluates what the journal does not hold yet, then sums up all of it.
 *
 * The folder has been checked: its journal, if there is one, is of the same space.
 */
export async function explore(
  { space, context, header, inputs }: OpenedSpace,
  engine: EvaluationEngine,
  settings: ExploreSettings,
): Promise<Exploration> {
  const file = join(settings.out, JOURNAL);
  const journal = openJournal(file, header);
  const tallies = createTallies(space);
  for (const row of readJournal(file)?.rows ?? []) tallies.add(row);
  const run = { space, engine, journal, tallies, settings };
  try {
    await runSearch(run);
    await runSurvivors(run, file);
  } finally {
    journal.close();
  }
  return buildExploration(space, {
    version: header.version,
    space_sha256: context.space_sha256,
    inputs,
    screening: tallies.screening,
    survivors: tallies.survivor,
    failures: tallies.failures,
    rows: () => readJournal(file)?.rows ?? [],
    notes: notesOf(space, settings),
  });
}

interface Run {
  readonly space: Space;
  readonly engine: EvaluationEngine;
  readonly journal: Journal;
  readonly tallies: Tallies;
  readonly settings: ExploreSettings;
}

async function runSearch({ space, engine, journal, tallies, settings }: Run): Promise<void> {
  const { isStopped, quiet } = settings;
  const search = createSearch(space);
  const tally = tallies.screening;
  const meter = startMeter("screening", search.most_points, quiet);
  const stage: Stage = { engine, journal, tally, meter, isStopped, onRow: tallies.failures.add };
  try {
    for (let batch = search.next(); batch !== null && !isStopped(); batch = search.next()) {
      // Only a search that learns needs its batch again, and its batches are short.
      const points = search.learns ? [...batch] : batch;
      await runStage(stage, tasksOf("screening", points));
      if (search.learns && !isStopped()) tellAll(search, points, tally);
    }
  } finally {
    meter.done();
  }
}

function tellAll(search: Search, points: Iterable<Point>, tally: Tallies["screening"]): void {
  for (const { index } of points) search.tell(index, tally.costsAt(index));
}

function* tasksOf(stage: SweepStage, points: Iterable<Point>): Generator<PointTask> {
  for (const { index, levels } of points) yield { stage, index, levels };
}

/** The best points of the screening, at the level of the survivors. */
async function runSurvivors(
  { space, engine, journal, tallies, settings }: Run,
  file: string,
): Promise<void> {
  const { isStopped, quiet } = settings;
  if (space.survivors === null || isStopped()) return;
  const { matrix, indices } = tallies.screening.sorted();
  const best = selectBest(matrix, [...indices.keys()], space.survivors.points);
  const points = pointsOf(space, new Set(best.map((row) => indices[row]!)), file);
  const meter = startMeter("survivors", points.length, quiet);
  const tally = tallies.survivor;
  const stage: Stage = { engine, journal, tally, meter, isStopped, onRow: tallies.failures.add };
  try {
    await runStage(stage, tasksOf("survivor", points));
  } finally {
    meter.done();
  }
}

/** Points by index, in its order: what a point is stands in its row. */
function pointsOf(space: Space, wanted: ReadonlySet<number>, file: string): Point[] {
  const points: Point[] = [];
  for (const row of readJournal(file)?.rows ?? [])
    if (row.stage === "screening" && wanted.has(row.index))
      points.push({ index: row.index, levels: levelsOfRow(space, row) });
  return points.sort((a, b) => a.index - b.index);
}

function notesOf(space: Space, { isStopped }: ExploreSettings): string[] {
  const { screening, survivors } = space;
  return [
    ...(isStopped() ? ["stopped before its end: not all points are evaluated"] : []),
    ...(screening.level === "simulate"
      ? []
      : [`screening at level ${screening.level}: times are bounds, not schedules`]),
    ...(survivors === null ? ["no survivors asked for: the front is that of the screening"] : []),
  ];
}
