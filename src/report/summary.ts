/** Sentences and small tables that more than one format shows; no number is computed twice. */
import { rollup, sum } from "d3-array";
import type { Report } from "../model/report.ts";
import { EVIDENCE } from "../model/schema.ts";
import { engineering } from "./quantity.ts";

export function headline(report: Report): string {
  const { arch, workload } = report.inputs;
  return `${workload.name} on ${arch.name}: ${report.rows.length} placement${report.rows.length === 1 ? "" : "s"}`;
}

/** Decode energy per token of each component, one cell per placement, largest first. */
export function energyByComponent(
  report: Report,
): readonly { readonly component: string; readonly cells: readonly string[] }[] {
  const decode = report.breakdown.filter(({ phase }) => phase === "decode");
  const byComponent = rollup(
    decode,
    (rows) => sum(rows, (row) => row.energy_pJ ?? 0),
    (row) => row.component,
    (row) => row.placement,
  );
  const tokens = report.options.decode_tokens * report.options.batch;
  return [...byComponent]
    .map(([component, byPlacement]) => ({
      component,
      byPlacement,
      total: sum(byPlacement.values()),
    }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total)
    .map(({ component, byPlacement }) => ({
      component,
      cells: report.rows.map(({ placement, feasible }) =>
        feasible ? engineering(((byPlacement.get(placement) ?? 0) / tokens) * 1e-12, "J") : "-",
      ),
    }));
}

/** "all-analog: 41 % of the energy rests on published constants, ..." */
export function evidenceLines(report: Report): string[] {
  return report.rows
    .filter(({ feasible }) => feasible)
    .map(({ placement }) => {
      const shares = EVIDENCE.map((evidence) => ({
        evidence,
        share:
          report.evidence.find((e) => e.placement === placement && e.evidence === evidence)
            ?.energy_frac ?? 0,
      })).filter(({ share }) => share > 0);
      return `${placement}: energy resting on ${shares
        .map(({ evidence, share }) => `${evidence} constants ${(share * 100).toFixed(1)} %`)
        .join(", ")}`;
    });
}
