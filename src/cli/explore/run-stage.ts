/** One list of points through an engine into a journal. */
import type { PointRow } from "../../explore/row.ts";
import type { StageTally } from "../../explore/tally.ts";
import type { EvaluationEngine } from "./engine.ts";
import type { PointTask } from "./evaluate-point.ts";
import type { Journal } from "./journal.ts";
import type { Meter } from "./meter.ts";

export interface Stage {
  readonly engine: EvaluationEngine;
  readonly journal: Journal;
  /** What is done already; new rows are added. */
  readonly tally: StageTally;
  readonly meter: Meter;
  readonly isStopped: () => boolean;
  /** Called with each new row, once it is in the journal. */
  readonly onRow: (row: PointRow) => void;
}

/** Evaluates what is not done yet. Rows of points that are done already are dropped. */
export async function runStage(stage: Stage, tasks: Iterable<PointTask>): Promise<void> {
  const { engine, journal, tally, meter, isStopped, onRow } = stage;
  const finished = (rows: readonly PointRow[]): void => {
    const fresh = rows.filter(({ index }) => !tally.has(index));
    journal.append(fresh);
    for (const row of fresh) {
      tally.add(row);
      onRow(row);
    }
    meter.advance(fresh);
  };
  await engine.run(notDone(tasks, tally, meter), finished, isStopped);
}

function* notDone(
  tasks: Iterable<PointTask>,
  tally: StageTally,
  meter: Meter,
): Generator<PointTask> {
  for (const task of tasks) {
    if (tally.has(task.index)) meter.skip();
    else yield task;
  }
}
