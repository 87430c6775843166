/** Both phases of a training, one after the other, in one folder. */
import { join } from "node:path";
import { drawCurves } from "../../report/figures/lines.ts";
import { standalone } from "../../report/figures/palette.ts";
import { writeWhole } from "../files.ts";
import type { CurvePoint } from "./phase.ts";
import { type PhaseOptions, runPhase } from "./run-phase.ts";
import type { Subject, Trained } from "./subject.ts";

/** Loss over steps, by phase. */
export type Curves = Readonly<Record<string, readonly CurvePoint[]>>;

/**
 * Trains what the folder lacks, and writes `loss.json` and `loss.svg`.
 *
 * @returns null if it was stopped on the way
 * @throws InputError as `runPhase`
 */
export async function trainSubject(
  { digitalPhase, hardwarePhase, spec }: Subject,
  options: PhaseOptions,
): Promise<Trained | null> {
  const digital = digitalPhase === null ? null : await runPhase(digitalPhase, options);
  if (digital !== null) writeCurves(options.folder, spec.name, { digital: digital.curve });
  if (digital?.isDone === false) return null;
  const hardware = await runPhase(hardwarePhase(digital?.state ?? null), options);
  writeCurves(options.folder, spec.name, {
    ...(digital !== null && { digital: digital.curve }),
    "hardware-aware": hardware.curve,
  });
  if (!hardware.isDone) return null;
  return { digital: digital?.state ?? null, hardware: hardware.state };
}

const WIDTH = 720;

function writeCurves(folder: string, name: string, curves: Curves): void {
  writeWhole(
    join(folder, "loss.json"),
    `${JSON.stringify({ network: name, ...curves }, null, 1)}\n`,
  );
  const drawn = Object.entries(curves).filter(([, points]) => points.length > 0);
  if (drawn.length === 0) return;
  const svg = drawCurves(
    {
      summary: `Training loss of ${name} over steps`,
      curves: drawn.map(([phase, points]) => ({
        name: phase,
        points: points.map(({ step, loss_nats }) => ({ x: step, y: loss_nats, error: 0 })),
      })),
      xTitle: "steps",
      yTitle: "loss, nats",
      xFormat: String,
      yFormat: (value) => String(Number(value.toPrecision(3))),
      isLogX: false,
    },
    WIDTH,
  );
  writeWhole(join(folder, "loss.svg"), `${standalone(svg)}\n`);
}
