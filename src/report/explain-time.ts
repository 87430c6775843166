/** Why the phases take as long as they do: the critical path, largest parts first. */
import { group, rollup, sum } from "d3-array";
import type { Report, ReportCriticalRow } from "../model/report.ts";
import { engineering } from "./quantity.ts";

/** Parts of a phase that are named; the rest is summed up. */
const MOST_PARTS = 6;

/** What is left of 80 columns beside the figures. */
const MOST_LETTERS = 60;

/** A few lines for each placement and phase; empty when the report explains nothing. */
export function renderCriticalPaths({ critical = [] }: Report): string {
  const phases = group(
    critical,
    (row) => row.placement,
    (row) => row.phase,
  );
  return [...phases]
    .flatMap(([placement, byPhase]) =>
      [...byPhase].map(([phase, rows]) => renderPhase(`${placement}, ${phase}`, rows)),
    )
    .join("\n\n");
}

function renderPhase(title: string, rows: readonly ReportCriticalRow[]): string {
  const total_ns = sum(rows, (row) => row.time_ns);
  const parts = [
    ...rollup(
      rows,
      (some) => sum(some, (row) => row.time_ns),
      ({ work, component, reason }) => `${work} on ${component} (${reason})`,
    ),
  ].sort(([, a], [, b]) => b - a);
  const lines = parts.slice(0, MOST_PARTS).map(([part, time_ns]) => line(part, time_ns, total_ns));
  const rest_ns = sum(parts.slice(MOST_PARTS), ([, time_ns]) => time_ns);
  if (rest_ns > 0) lines.push(line("all else", rest_ns, total_ns));
  const head = `critical path of ${title}: ${engineering(total_ns * 1e-9, "s")}`;
  return [head, ...lines].join("\n");
}

function line(part: string, time_ns: number, total_ns: number): string {
  const share = `${((100 * time_ns) / total_ns).toFixed(1)} %`.padStart(8);
  return `${share}  ${engineering(time_ns * 1e-9, "s").padStart(8)}  ${part.length > MOST_LETTERS ? `${part.slice(0, MOST_LETTERS - 1)}…` : part}`;
}
