/** Figures of routed experts, layer by expert. */
import type { Report } from "../../model/report.ts";

/** Null where there is none. [layers][experts] */
export type ExpertTable = readonly (readonly (number | null)[])[];

/** What an expert map can show of one placement. */
export function expertTable(report: Report, what: string, placement: string): ExpertTable {
  const { experts } = report;
  if (experts === undefined) return [];
  if (what === "load") return experts.load_tokens;
  if (what === "digital")
    return experts.placements.find((own) => own.placement === placement)?.digital_frac ?? [];
  if (what === "snr") return signalToNoise(report, placement);
  return experts.scores.find((own) => own.score === what)?.value ?? [];
}

/** Titles of what there is to show, by name. */
export function expertFields(report: Report): [name: string, title: string][] {
  const { experts, diagnostics = [] } = report;
  if (experts === undefined) return [];
  return [
    ["load", "load, tokens of the run"],
    ...experts.scores
      .filter(({ value }) => value.some((row) => row.length > 0))
      .map(({ score }): [string, string] => [score, `score: ${score}`]),
    ["digital", "share computed digitally"],
    ...(diagnostics.some(({ module }) => module === "expert")
      ? [["snr", "SNR of its outputs, dB"] as [string, string]]
      : []),
  ];
}

/** Worst signal-to-noise ratio of an expert's matrices; digital ones have none. */
function signalToNoise({ experts, diagnostics = [] }: Report, placement: string): ExpertTable {
  const worst = new Map<string, number>();
  for (const row of diagnostics) {
    const expert = /^layer \d+ expert (\d+)/.exec(row.matrix)?.[1];
    if (row.placement !== placement || expert === undefined) continue;
    const key = `${row.layer} ${expert}`;
    worst.set(key, Math.min(worst.get(key) ?? Infinity, row.snr_dB));
  }
  return experts!.layers.map((layer) =>
    Array.from({ length: experts!.experts }, (_, e) => worst.get(`${layer} ${e}`) ?? null),
  );
}
