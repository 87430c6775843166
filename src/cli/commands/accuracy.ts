import { InputError } from "../../model/issue.ts";
import { matrixLabel } from "../../model/matrix.ts";
import type { Report, ReportDiagnostic } from "../../model/report.ts";
import type { Effect } from "../../numerics/effects.ts";
import { renderDiagnostics } from "../../report/explain-table.ts";
import { evaluateComparison, tileKindsOf } from "../comparison.ts";
import { readWithout } from "../effect-options.ts";
import type { CommandOptions } from "../options.ts";
import { RUN } from "../options.ts";
import { type Comparison, prepareComparison } from "../prepare.ts";
import { readSettings } from "../settings.ts";
import { requirePlacements, writeReport } from "./compare.ts";

/** `ohmoe accuracy`: only the accuracy part; placements need not fit the chip. */
export async function accuracy(options: CommandOptions): Promise<number> {
  const read = readSettings({ ...COST_DEFAULTS, ...options });
  if (read.checkpoint === undefined && read.workload === undefined)
    throw new InputError("--checkpoint", [
      {
        pointer: "",
        found: "nothing",
        allowed: "a folder with weights, or the name of a shipped one",
      },
    ]);
  const without = readWithout(options);
  const layer_by_layer = options["layer_by_layer"] === true;
  const settings = requirePlacements(
    { ...read, accuracy: { ...read.accuracy, without, layer_by_layer } },
    1,
    Number.POSITIVE_INFINITY,
  );
  const comparison = await prepareComparison(settings);
  // First, so that what cannot be explained is said before hours of work.
  const diagnostics = options["explain"] === true ? explain(comparison) : null;
  const report = withEffects(await evaluateComparison(comparison, false), without, comparison);
  if (diagnostics === null) return writeReport(report, settings);
  const exitCode = writeReport({ ...report, diagnostics }, settings);
  if (!settings.quiet) process.stdout.write(`\n${explanation(diagnostics)}\n`);
  return exitCode;
}

/** Options of the cost part are not offered here; their defaults stand. */
const COST_DEFAULTS = Object.fromEntries(
  Object.entries(RUN).map(([option, { default: value }]) => [option, value]),
);

/** Says what was switched off, and where the slow path was taken. */
function withEffects(report: Report, without: readonly Effect[], { arch }: Comparison): Report {
  const slow = without.includes("circuit")
    ? []
    : arch.tiles.filter(({ numerics }) => numerics.periphery !== undefined);
  const notes = [
    ...(without.length > 0 ? [`switched off: ${without.join(", ")}`] : []),
    ...slow.map(
      ({ name }) => `tiles "${name}": numerics.periphery is read in TypeScript, vector by vector`,
    ),
  ];
  return {
    ...report,
    options: { ...report.options, ...(without.length > 0 && { without: [...without] }) },
    notes: [...report.notes, ...notes],
  };
}

/** Diagnoses of the analog matrices of every placement. */
function explain({
  session,
  arch,
  workload,
  placements,
  settings,
}: Comparison): ReportDiagnostic[] {
  if (session === null) return [];
  const kinds = placements.map(
    (placement) =>
      tileKindsOf(arch, workload, placement, settings) ??
      new Int32Array(placement.targets.length).fill(-1),
  );
  return session.explain(kinds).flatMap((diagnoses, i) =>
    diagnoses.map(({ matrix, alone, ...figures }) => ({
      placement: placements[i]!.name,
      matrix: matrixLabel(matrix),
      layer: matrix.layer,
      module: matrix.module,
      ...figures,
      effects: Object.entries(alone).map(([effect, error_rms]) => ({ effect, error_rms })),
    })),
  );
}

const explanation = (diagnostics: readonly ReportDiagnostic[]): string =>
  diagnostics.length === 0
    ? "no matrix is analog: nothing to explain"
    : renderDiagnostics(diagnostics);
